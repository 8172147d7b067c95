"""
Branin, Hartmann6 and the table of trainings, as bench/search/functions.ts has them: ranges, and the function of a list of
numbers. Ranges of integers ask for whole numbers.
"""

import math
from pathlib import Path

alpha = [1.0, 1.2, 3.0, 3.2]
scales = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
centres = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def branin(x):
    parabola = x[1] - 5.1 / (4 * math.pi**2) * x[0] ** 2 + 5 / math.pi * x[0] - 6
    return parabola**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x[0]) + 10


def hartmann6(x):
    return -sum(
        weight * math.exp(-sum(a * (value - p) ** 2 for a, p, value in zip(row, centre, x)))
        for weight, row, centre in zip(alpha, scales, centres)
    )


def read_table():
    """The least validation loss of each training, by the places of its values, each parameter's from least to most."""
    lines = (Path(__file__).parent.parent / "table" / "animals10-cnn.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if line and not line.startswith("#")][1:]
    keys = [tuple(float(value) for value in row[:3]) for row in rows]
    values = [sorted(set(column)) for column in zip(*keys)]
    losses = [min(float(loss) for loss in row[4].split(";")) for row in rows]
    table = {tuple(map(list.index, values, key)): loss for key, loss in zip(keys, losses)}
    return [(0, len(column) - 1) for column in values], lambda x: table[tuple(x)]


functions = {
    "branin": ([(-5.0, 10.0), (0.0, 15.0)], branin),
    "hartmann6": ([(0.0, 1.0)] * 6, hartmann6),
    "animals10": read_table(),
}

"""Branin and Hartmann6, as bench/search/functions.ts has them: ranges, and the function of a list of numbers."""

import math

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


functions = {
    "branin": ([(-5.0, 10.0), (0.0, 15.0)], branin),
    "hartmann6": ([(0.0, 1.0)] * 6, hartmann6),
}

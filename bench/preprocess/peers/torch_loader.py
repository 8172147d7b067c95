"""torch.utils.data.DataLoader over files, in batches of 32. Argument: the number of its workers."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "python"))

import numpy
import torch
from pillow_picture import padded
from protocol import answer
from torch.utils.data import DataLoader, Dataset, Sampler

workers = int(sys.argv[1])


class Pictures(Dataset):
    def __getitem__(self, item):
        file, size = item
        pixels = numpy.array(padded(file, size))
        return torch.from_numpy(pixels).permute(2, 0, 1)


class Chosen(Sampler):
    """What the next pass reads: it may change between passes, so that the workers stay as they are."""

    items = []

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)


chosen = Chosen()
loader = DataLoader(Pictures(), batch_size=32, sampler=chosen, num_workers=workers, persistent_workers=workers > 0)


def work(task):
    chosen.items = [(file, task["size"]) for file in task["files"]]
    seen = sum(len(batch) for batch in loader)
    assert seen == len(task["files"])


answer(work)

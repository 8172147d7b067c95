"""A plain PyTorch training loop on the original project's network."""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "..", "python"))
import numpy as np
import torch
from protocol import answer
from torch import nn

torch.set_num_threads(int(os.environ["BENCH_THREADS"]))
torch.manual_seed(1)
batch = 32
model = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(64 * 12 * 12, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
loss_of = nn.CrossEntropyLoss()
random = np.random.default_rng(1)
most = int(os.environ["BENCH_STEPS"]) * batch
pictures = torch.from_numpy(random.integers(0, 256, (most, 1, 48, 48), dtype=np.uint8))
labels = torch.from_numpy(random.integers(0, 10, most))


def work(task):
    order = torch.randperm(task["steps"] * batch)
    for chosen in order.split(batch):
        images = (pictures[chosen].float() - 120) / 60
        optimizer.zero_grad()
        logits = model(images)
        loss = loss_of(logits, labels[chosen])
        loss.backward()
        optimizer.step()
        loss.item()
        (logits.argmax(1) == labels[chosen]).sum().item()


answer(work)

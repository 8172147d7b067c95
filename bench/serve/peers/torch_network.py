"""The benched networks in PyTorch, with the weights that the bench wrote."""

import json
import os

import numpy as np
import torch
from torch import nn

home = os.environ["BENCH_HOME"]
torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "1")))


def weights():
    values = np.fromfile(os.path.join(home, "weights.f32"), np.float32)
    at = 0
    for weight in json.load(open(os.path.join(home, "weights.json"))):
        count = int(np.prod(weight["shape"]))
        yield weight["name"], values[at : at + count].reshape(weight["shape"])
        at += count


class Scaled(nn.Module):
    """Pixels [batch, height, width, channels] in [0, 255], as the network's own normalisation wants them."""

    def __init__(self, mean, std):
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, pixels):
        return (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.std


def cnn():
    network = nn.Sequential(
        Scaled(120.0, 60.0),
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
        nn.Softmax(1),
    )
    found = {name: torch.from_numpy(value.copy()) for name, value in weights()}
    with torch.no_grad():
        for layer, at in (("conv1", 1), ("conv2", 4)):
            network[at].weight.copy_(found[f"{layer}/kernel"].permute(3, 2, 0, 1))
            network[at].bias.copy_(found[f"{layer}/bias"])
        # Flattened here by channel, there by place.
        dense = found["dense/kernel"].reshape(12, 12, 64, 128).permute(3, 2, 0, 1)
        network[8].weight.copy_(dense.reshape(128, -1))
        network[8].bias.copy_(found["dense/bias"])
        network[10].weight.copy_(found["logits/kernel"].T)
        network[10].bias.copy_(found["logits/bias"])
    return network


def block(inside, outside, stride, expand):
    wide = inside * expand
    layers = []
    if expand != 1:
        layers += [nn.Conv2d(inside, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6()]
    layers += [
        nn.Conv2d(wide, wide, 3, stride, 1, groups=wide, bias=False),
        nn.BatchNorm2d(wide),
        nn.ReLU6(),
        nn.Conv2d(wide, outside, 1, bias=False),
        nn.BatchNorm2d(outside),
    ]
    return nn.Sequential(*layers)


class MobileNetV2(nn.Module):
    """Sandler et al., 2018, table 2, at width 0.35: the same shapes as the backbone's, its weights random."""

    def __init__(self):
        super().__init__()
        self.scaled = Scaled(127.5, 127.5)
        self.first = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6())
        rows = [(1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1)]
        blocks, inside = [], 16
        for expand, outside, repeats, stride in rows:
            for at in range(repeats):
                blocks.append((block(inside, outside, stride if at == 0 else 1, expand), at > 0))
                inside = outside
        self.blocks = nn.ModuleList(made for made, _ in blocks)
        self.added = [added for _, added in blocks]
        self.last = nn.Sequential(nn.Conv2d(inside, 1280, 1, bias=False), nn.BatchNorm2d(1280), nn.ReLU6())
        self.head = nn.Linear(1280, 10)

    def forward(self, pixels):
        value = self.first(self.scaled(pixels))
        for made, added in zip(self.blocks, self.added):
            value = value + made(value) if added else made(value)
        return self.head(self.last(value).mean((2, 3))).softmax(1)


def network():
    """Frozen and fused by TorchScript, as PyTorch has it for inference on a CPU."""
    made = (cnn() if os.environ["BENCH_CASE"] == "cnn" else MobileNetV2()).eval()
    side, channels = int(os.environ["BENCH_SIZE"]), int(os.environ["BENCH_CHANNELS"])
    example = torch.zeros((1, side, side, channels), dtype=torch.uint8)
    with torch.inference_mode():
        try:
            return torch.jit.optimize_for_inference(torch.jit.trace(made, example))
        except Exception:
            return made

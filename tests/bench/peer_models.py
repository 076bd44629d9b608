"""The command line and the PyTorch modules that the comparisons with peers share (beside_peers.py, beside_training.py)."""
import argparse
import os


def parse_arguments():
    """What both are called with. Before torch is imported: it reads the number of threads from the environment."""
    options = argparse.ArgumentParser()
    options.add_argument("graphc")
    options.add_argument("--only", default=".")
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--seconds", type=float, default=0.5)
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    return arguments


A = parse_arguments()
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(A.threads)


class Block(nn.Module):
    """A transformer block, norms first, causal."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(batch, length, width)
        x = x + self.out(y)
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Lstm(nn.Module):
    """All states of one layer over [time, batch, features]."""

    def __init__(self, features, units):
        super().__init__()
        self.layer = nn.LSTM(features, units)

    def forward(self, x):
        return self.layer(x)[0]


def mlp(*widths, activation=nn.ReLU):
    layers = []
    for ins, outs in zip(widths, widths[1:]):
        layers += [nn.Linear(ins, outs), activation()]
    return nn.Sequential(*layers[:-1])


def lenet():
    features = [nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*features, *mlp(400, 120, 84, 10))

"""A whole program: `train.py PACK STEPS WARM THREADS default|best|compiled OUTPUT` trains, saves the weights, and prints the seconds
of the steps after the first WARM."""

import sys

import torch

from recipe import train

path, steps, warm, threads, how, output = sys.argv[1], *map(int, sys.argv[2:5]), *sys.argv[5:7]
net, seconds, _ = train(path, 1, steps, threads, how, warm)
torch.save(net.state_dict(), output)
print(seconds, flush=True)

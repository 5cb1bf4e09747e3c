"""examples/omniglot.json as a good PyTorch program: `omniglot.py TRAIN.pack TEST.pack SEED STEPS THREADS [SETTINGS]`.

Prints as JSON the 20-way one-shot error on each alphabet of the test pack, and the seconds of training.
"""

import json
import sys

import numpy as np
import torch
from torch.nn import functional as F

from recipe import load, train

train_path, test_path, seed, steps, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
net, seconds, random = train(train_path, seed, steps, threads, sys.argv[6] if len(sys.argv) > 6 else "best")

net.eval()
test, test_labels, header = load(test_path)
with torch.no_grad():
    unit = F.normalize(torch.cat([net(x) for x in test.split(256)]))
errors = {}
alphabet_of = np.array(header["superClassOf"])
for index, name in enumerate(header["superClasses"]):
    own = [np.flatnonzero(test_labels == c) for c in np.flatnonzero(alphabet_of == index)]
    if len(own) < 20:
        continue
    wrong = []
    for _ in range(500):
        drawn = np.array([random.choice(own[c], 2, replace=False) for c in random.choice(len(own), 20, replace=False)])
        nearest = (unit[drawn[:, 1]] @ unit[drawn[:, 0]].T).argmax(1)
        wrong.append((nearest != torch.arange(20)).float().mean().item())
    errors[name] = float(np.mean(wrong))
print(json.dumps({"seed": seed, "errors": errors, "seconds": seconds}))

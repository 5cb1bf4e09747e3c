"""examples/omniglot.json as a good PyTorch program: `omniglot.py TRAIN.pack TEST.pack SEED STEPS THREADS [SETTINGS]`.

Prints as JSON the 20-way one-shot error on each alphabet of the test pack, and the seconds of training.
"""

import json
import math
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

import pack
import settings
from nets import conv4, n_pair_loss

train_path, test_path, seed, steps, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
best = settings.use(sys.argv[6] if len(sys.argv) > 6 else "best", threads)
pairs = 60
torch.manual_seed(seed)
random = np.random.default_rng(seed)


def load(path: str) -> tuple[torch.Tensor, np.ndarray, dict]:
    """Ink in [0, 1], `[n, 1, 28, 28]`; alphabet of each class; header."""
    images, labels, header = pack.read(path)
    return 1 - torch.from_numpy(images.copy()).permute(0, 3, 1, 2).float() / 255, labels, header


images, labels, _ = load(train_path)
images = torch.cat([torch.rot90(images, k, (2, 3)) for k in range(4)])
labels = np.concatenate([labels + k * (labels.max() + 1) for k in range(4)])
members = [np.flatnonzero(labels == c) for c in range(labels.max() + 1)]


def batch() -> torch.Tensor:
    classes = random.choice(len(members), pairs, replace=False)
    chosen = np.array([random.choice(members[c], 2, replace=False) for c in classes])
    return images[torch.from_numpy(chosen.T.reshape(-1))]


def augment(x: torch.Tensor) -> torch.Tensor:
    n = len(x)
    u = lambda limit: (2 * torch.rand(n) - 1) * limit
    angle, zoom, shear = u(math.radians(15)), 1 + u(0.2), u(0.2)
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    theta = torch.stack([cos, cos * shear - sin, u(0.1), sin, sin * shear + cos, u(0.1)], 1).view(n, 2, 3)
    return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)


def channels_last(x: torch.Tensor) -> torch.Tensor:
    n, c, h, w = x.shape
    return x.permute(0, 2, 3, 1).contiguous().as_strided(x.shape, (h * w * c, 1, w * c, c))


net = conv4()
if best:
    net = net.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, **({"fused": True} if best else {}))
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
start = time.perf_counter()
for _ in range(steps):
    x = augment(batch())
    loss = n_pair_loss(net(channels_last(x) if best else x), 5e-3)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
seconds = time.perf_counter() - start

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

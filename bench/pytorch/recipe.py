"""The recipe of examples/omniglot.json as a good PyTorch program: pairs of turned characters, warped, conv4, N-pair-mc, Adam."""

import math
import time

import numpy as np
import torch
from torch.nn import functional as F

import pack
import settings
from nets import conv4, n_pair_loss


def load(path: str) -> tuple[torch.Tensor, np.ndarray, dict]:
    """Ink in [0, 1], `[n, 1, 28, 28]`; class of each; header."""
    images, labels, header = pack.read(path)
    return 1 - torch.from_numpy(images.copy()).permute(0, 3, 1, 2).float() / 255, labels, header


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


def train(path: str, seed: int, steps: int, threads: int, how: str, warm: int = 0):
    """The trained network, and the seconds of all steps after the first `warm`. `how`: default, best or compiled (and best)."""
    best = settings.use("default" if how == "default" else "best", threads)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    images, labels, _ = load(path)
    images = torch.cat([torch.rot90(images, k, (2, 3)) for k in range(4)])
    labels = np.concatenate([labels + k * (labels.max() + 1) for k in range(4)])
    members = [np.flatnonzero(labels == c) for c in range(labels.max() + 1)]

    def batch() -> torch.Tensor:
        classes = random.choice(len(members), 60, replace=False)
        chosen = np.array([random.choice(members[c], 2, replace=False) for c in classes])
        return images[torch.from_numpy(chosen.T.reshape(-1))]

    net = conv4()
    if best:
        net = net.to(memory_format=torch.channels_last)
    run = torch.compile(net) if how == "compiled" else net
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, **({"fused": True} if best else {}))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    start = time.perf_counter()
    for step in range(steps):
        if step == warm:
            start = time.perf_counter()
        x = augment(batch())
        loss = n_pair_loss(run(channels_last(x) if best else x), 5e-3)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return net, time.perf_counter() - start, random

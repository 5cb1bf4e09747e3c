"""A contestant: `loss.py torch|pml N D THREADS [DEVICE]`; for each line `k` it runs the loss forward and backward k times and
prints the seconds."""

import sys
import time

import torch

import settings
from nets import n_pair_loss

which, n, d, threads = sys.argv[1], *map(int, sys.argv[2:5])
device = torch.device(sys.argv[5] if len(sys.argv) > 5 else "cpu")
settings.use("best", threads)
torch.manual_seed(1)
embeddings = (torch.randn(2 * n, d, device=device) * 0.2).requires_grad_()

if which == "pml":
    from pytorch_metric_learning.distances import DotProductSimilarity
    from pytorch_metric_learning.losses import NPairsLoss

    labels = torch.arange(n, device=device).repeat(2)
    n_pairs = NPairsLoss(distance=DotProductSimilarity(normalize_embeddings=False))
    loss = lambda x: n_pairs(x, labels) + 5e-3 * x.square().sum(1).mean()
else:
    loss = lambda x: n_pair_loss(x, 5e-3)


print(settings.version(), flush=True)
for line in sys.stdin:
    settings.wait(device)
    start = time.perf_counter()
    for _ in range(int(line)):
        embeddings.grad = None
        loss(embeddings).backward()
    settings.wait(device)
    print(time.perf_counter() - start, flush=True)

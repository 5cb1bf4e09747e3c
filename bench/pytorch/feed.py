"""A contestant: `feed.py PACK RECIPE BATCH`; for each line `k` it makes k batches on one thread and prints the seconds."""

import math
import sys
import time

import torch
from torch.nn import functional as F

import pack
import settings

path, recipe, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings.use("best", 1)
torch.manual_seed(1)
pixels = torch.from_numpy(pack.read(path)[0].copy()).permute(0, 3, 1, 2)
generator = torch.Generator().manual_seed(2)


def everything(x: torch.Tensor) -> torch.Tensor:
    """Flip, affine map, brightness and contrast, one draw an image; quarter turns come with the choice of the images."""
    n = len(x)
    u = lambda limit: (2 * torch.rand(n, generator=generator) - 1) * limit
    angle, zoom, shear = u(math.radians(15)), 1 + u(0.2), u(0.2)
    flip = torch.where(u(1) < 0, -1.0, 1.0)
    cos, sin = angle.cos() / zoom, angle.sin() / zoom
    rows = [cos * flip, cos * shear - sin, u(0.1), sin * flip, sin * shear + cos, u(0.1)]
    theta = torch.stack(rows, 1).view(n, 2, 3)
    x = F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)
    mean = x.mean((1, 2, 3), keepdim=True)
    light, contrast = u(0.2).view(-1, 1, 1, 1), (1 + u(0.2)).view(-1, 1, 1, 1)
    return ((x - mean) * contrast + mean + light).clamp_(0, 1)


def crop(x: torch.Tensor) -> torch.Tensor:
    n, _, height, width = x.shape
    top = torch.randint(0, height - 99, (n,), generator=generator).tolist()
    left = torch.randint(0, width - 99, (n,), generator=generator).tolist()
    flip = (torch.rand(n, generator=generator) < 0.5).tolist()
    windows = [x[i, :, t : t + 100, l : l + 100] for i, (t, l) in enumerate(zip(top, left))]
    return torch.stack([w.flip(2) if f else w for w, f in zip(windows, flip)])


def make() -> torch.Tensor:
    chosen = torch.randint(0, len(pixels), (batch,), generator=generator)
    x = pixels.index_select(0, chosen)
    if recipe == "crop":
        # The bytes first: a crop of a quarter of the memory.
        x = 1 - crop(x).float().div_(255)
    else:
        x = torch.cat([torch.rot90(part, k, (2, 3)) for k, part in enumerate(x.chunk(4))])
        x = everything(1 - x.float().div_(255))
    return x.sub_(0.5).div_(0.25).contiguous(memory_format=torch.channels_last)


print(settings.version(), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        make()
    print(time.perf_counter() - start, flush=True)

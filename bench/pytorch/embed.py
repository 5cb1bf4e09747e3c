"""A contestant: `embed.py NET THREADS BATCH [DEVICE [PRECISION]]`; for each line `k` it embeds k images and prints the seconds."""

import sys
import time

import torch

import settings
from nets import casia_net, conv4

net_name, threads, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
device = torch.device(sys.argv[4] if len(sys.argv) > 4 else "cpu")
bfloat16 = len(sys.argv) > 5 and sys.argv[5] == "bfloat16"
settings.use("best", threads)
torch.manual_seed(1)
side, net = (28, conv4()) if net_name == "conv4" else (100, casia_net())
net = net.to(device, memory_format=torch.channels_last).eval()
pixels = torch.randint(0, 256, (1024, 1, side, side), dtype=torch.uint8).to(device)


@torch.inference_mode()
def embed(count: int) -> torch.Tensor:
    rows = []
    for chosen in (7919 * torch.arange(count, device=device) % len(pixels)).split(batch):
        images = pixels[chosen].float().div_(255)
        # With one channel `contiguous(memory_format=…)` does nothing: the strides have to be written out.
        images = images.permute(0, 2, 3, 1).contiguous().as_strided(images.shape, (side * side, 1, side, 1))
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
            embeddings = net(images)
        rows.append(embeddings.float().cpu())
    return torch.cat(rows)


print(settings.version(), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    embed(int(line))
    print(time.perf_counter() - start, flush=True)

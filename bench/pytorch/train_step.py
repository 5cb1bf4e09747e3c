"""A contestant: `train_step.py NET SETTINGS THREADS BATCH [DEVICE [PRECISION]]`; for each line `k` it runs k training steps and
prints their seconds."""

import sys
import time

import torch

import settings
from nets import casia_net, conv4, n_pair_loss

net_name, settings_name, threads, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
device = torch.device(sys.argv[5] if len(sys.argv) > 5 else "cpu")
bfloat16 = len(sys.argv) > 6 and sys.argv[6] == "bfloat16"
best = settings.use(settings_name, threads)
torch.manual_seed(1)
side, net = (28, conv4()) if net_name == "conv4" else (100, casia_net())
net = net.to(device)
if best:
    net = net.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, **({"fused": True} if best else {}))
pixels = torch.randint(0, 256, (1024, 1, side, side), dtype=torch.uint8).to(device)
generator = torch.Generator(device).manual_seed(2)


def step() -> None:
    images = pixels[torch.randint(0, len(pixels), (batch,), generator=generator, device=device)].float().div_(255)
    if best:
        # With one channel `contiguous(memory_format=…)` does nothing: the strides have to be written out.
        images = images.permute(0, 2, 3, 1).contiguous().as_strided(images.shape, (side * side, 1, side, 1))
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        embeddings = net(images)
    loss = n_pair_loss(embeddings.float(), 5e-3)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


print(settings.version(), flush=True)
for line in sys.stdin:
    settings.wait(device)
    start = time.perf_counter()
    for _ in range(int(line)):
        step()
    settings.wait(device)
    print(time.perf_counter() - start, flush=True)

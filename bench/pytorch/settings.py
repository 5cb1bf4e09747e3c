"""PyTorch as it comes, and PyTorch at its best on a CPU."""

import ctypes
import os

import torch


def use(name: str, threads: int) -> bool:
    """Sets the process up; returns whether the best settings are meant."""
    torch.set_num_threads(threads)
    if name == "default":
        return False
    assert name == "best", name
    # glibc's mallopt: large blocks stay in the process instead of going back to the kernel after every step.
    libc = ctypes.CDLL(None)
    for parameter, value in [(-3, 1 << 30), (-1, 2_000_000_000), (-2, 64 << 20)]:
        libc.mallopt(parameter, value)
    torch.set_flush_denormal(True)
    torch.backends.cudnn.benchmark = True
    return True


def version() -> str:
    return f"PyTorch {torch.__version__}, {os.environ.get('OMP_WAIT_POLICY', 'default')} waiting"


def wait(device: torch.device) -> None:
    """Until the device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)

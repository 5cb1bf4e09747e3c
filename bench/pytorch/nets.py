"""conv4 and CasiaNet as anybody writes them in PyTorch."""

import torch
from torch import nn


def conv4(width: int = 64, embedding_size: int = 128, side: int = 28) -> nn.Module:
    def block(channels: int) -> list[nn.Module]:
        return [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.MaxPool2d(2)]

    return nn.Sequential(
        *block(1), *block(width), *block(width), *block(width), nn.Flatten(), nn.Linear(width * (side // 16) ** 2, embedding_size)
    )


def casia_net() -> nn.Module:
    """Yi et al. 2014: ten convolutions, no normalisation, ceil pooling, the 320 means at the end are the embedding."""
    layers: list[nn.Module] = []
    channels = 1
    stages = [(32, 64), (64, 128), (96, 192), (128, 256), (160, 320)]
    for stage, widths in enumerate(stages):
        for place, width in enumerate(widths):
            layers.append(nn.Conv2d(channels, width, 3, padding=1))
            if (stage, place) != (4, 1):
                layers.append(nn.ReLU(inplace=True))
            channels = width
        if stage < 4:
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def n_pair_loss(embeddings: torch.Tensor, l2: float) -> torch.Tensor:
    """N-pair-mc as softmax cross-entropy, and l2 times the mean squared norm of all embeddings."""
    anchors, positives = embeddings.chunk(2)
    target = torch.arange(len(anchors), device=embeddings.device)
    loss = nn.functional.cross_entropy(anchors @ positives.T, target)
    return loss + l2 * embeddings.square().sum(1).mean()

"""A contestant: `search.py topk THREADS FOLDER N D Q K` or `search.py pml THREADS FOLDER N D`; each line in makes it search once and
print the seconds. The rows lie in FOLDER: it writes them first, and what float64 finds (topk), or what it has measured (pml)."""

import json
import pathlib
import sys
import time

import torch

import settings

mode, threads, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
n, d = int(sys.argv[4]), int(sys.argv[5])
settings.use("best", threads)
torch.manual_seed(1)


def rows(count: int, name: str, centers: torch.Tensor | None = None) -> torch.Tensor:
    """Of length 1, around centres if there are some; in a file, too."""
    made = torch.randn(count, d)
    if centers is not None:
        made.mul_(1.1).add_(centers)
    made /= made.norm(dim=1, keepdim=True)
    made.numpy().tofile(folder / name)
    return made


if mode == "topk":
    q, k = int(sys.argv[6]), int(sys.argv[7])
    gallery, queries = rows(n, "gallery.f32"), rows(q, "queries.f32")
    parts = [(queries.double() @ part.double().T) for part in gallery.split(50_000)]
    best = torch.cat(parts, 1).topk(k)
    best.indices.int().numpy().tofile(folder / "rows.i32")
    best.values.numpy().tofile(folder / "scores.f64")
    del parts

    def search() -> None:
        torch.matmul(queries, gallery.T).topk(k)

else:
    from pytorch_metric_learning.distances import DotProductSimilarity
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
    from pytorch_metric_learning.utils.inference import CustomKNN

    # As in Online Products: classes of 2 to 12 images, 5.3 on average.
    labels = torch.arange(n).mul(10).div(53, rounding_mode="floor")
    labels[torch.rand(n) < 0.2] //= 2
    labels.int().numpy().tofile(folder / "labels.i32")
    embeddings = rows(n, "rows.f32", torch.randn(int(labels.max()) + 1, d)[labels])
    knn = CustomKNN(DotProductSimilarity(normalize_embeddings=False), batch_size=1024)
    include = ("precision_at_1", "r_precision", "mean_average_precision_at_r")
    calculator = AccuracyCalculator(include, k="max_bin_count", knn_func=knn, kmeans_func=lambda *_: None, device=torch.device("cpu"))

    def search() -> None:
        (folder / "figures.json").write_text(json.dumps(calculator.get_accuracy(embeddings, labels)))


print(settings.version(), flush=True)
with torch.inference_mode():
    for _ in sys.stdin:
        start = time.perf_counter()
        search()
        print(time.perf_counter() - start, flush=True)

"""The speed of PyTorch's float32 matrix products on given shapes (see measurements/gemm-limit.ts)."""

import json
import os
import sys

import torch
from serve import serve, timed

task = json.loads(sys.argv[1])
torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


def product(shape: dict):
    rows, inner, columns = shape["rows"], shape["inner"], shape["columns"]
    a = torch.randn(inner, rows).T if shape["transposeA"] else torch.randn(rows, inner)
    b = torch.randn(columns, inner).T if shape["transposeB"] else torch.randn(inner, columns)
    out = torch.empty(rows, columns)
    return lambda: torch.mm(a, b, out=out)


products = [product(shape) for shape in task["products"]]
serve({}, lambda request: {"milliseconds": [timed(request["runs"], run) for run in products]})

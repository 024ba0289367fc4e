#!/usr/bin/env python3
"""Statistics as LeRobot computes them, in `statistics.json`: of vectors over frames, of pictures, and of episodes together.
Usage: dataset_statistics.py, in the environment of make.py. The values that they are of are formulas, which the test repeats.
LeRobot 0.4.4 squares the bytes of pictures within a byte, so that their std is wrong; later versions compute in float32, as here."""
import json, os
import torch
_lib = torch.library.Library("torchvision", "DEF")
for _n in ("nms", "qnms"):
    _lib.define(_n + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import numpy as np
from lerobot.datasets.compute_stats import aggregate_stats, get_feature_stats, sample_indices

plain = lambda stats: {k: np.asarray(v, np.float64).ravel().tolist() for k, v in stats.items()}

def vectors(frames, shift):
    i = np.arange(frames, dtype=np.float64)
    return np.stack([np.sin(0.37 * i + shift), 100 + (i * i + shift) % 17, np.full(frames, 0.25)], 1)

def pictures(frames):
    f, c, y, x = np.meshgrid(np.arange(frames), np.arange(3), np.arange(6), np.arange(8), indexing="ij")
    return ((f * 7 + c * 40 + y * x * 5) % 256).astype(np.float32)

first = get_feature_stats(vectors(50, 0.0), axis=0, keepdims=False)
second = get_feature_stats(vectors(80, 2.0), axis=0, keepdims=False)
both = aggregate_stats([{"v": first}, {"v": second}])["v"]
seen = get_feature_stats(pictures(9), axis=(0, 2, 3), keepdims=True)
seen = {k: v if k == "count" else v / 255 for k, v in seen.items()}
out = {
    "first": plain(first),
    "single": plain(get_feature_stats(vectors(1, 0.0), axis=0, keepdims=False)),
    "both": plain(both),
    "pictures": plain(seen),
    "sampled": {str(n): sample_indices(n) for n in (1, 2, 99, 130, 600)},
}
out["sampled"]["600"] = out["sampled"]["600"][:30] + out["sampled"]["600"][-3:]
with open(os.path.join(os.path.dirname(__file__), "statistics.json"), "w") as file:
    json.dump(out, file)

"""Losses of policies and their gradients, in float64: policy.json, written by make.py. See ../README.md.

Rotations are compared as matrices, by torch.linalg.matrix_exp: half of ‖R₁ − R₂‖², which is 2·(1 − cos θ). The
overlap of boxes is 1 − the diagonal of the generalized_box_iou of transformers' object detectors, summed up here
again so that it has a gradient in float64. The target of an attention is counted on a grid of 768 × 768 points.
"""

import json
from math import pi
from pathlib import Path

import numpy as np
import torch
from transformers.loss.loss_for_object_detection import generalized_box_iou

here = Path(__file__).parent
generator = np.random.default_rng(31)


def rounded(x):
    """Inputs that float32 represents exactly; the reference then goes on in float64."""
    return torch.as_tensor(np.asarray(x)).float().double()


def matrices(rotations):
    x, y, z = rotations.unbind(-1)
    nothing = torch.zeros_like(x)
    skew = torch.stack([nothing, -z, y, z, nothing, -x, -y, x, nothing], -1).unflatten(-1, (3, 3))
    return torch.linalg.matrix_exp(skew)


def rotation(prediction, target):
    return (matrices(prediction) - matrices(target)).square().sum((-1, -2)) / 2


def overlap(prediction, target):
    return 1 - generalized_box_iou(prediction, target).diagonal()


def grounding(scores, boxes, rows=3, columns=4):
    fine = (np.arange(768) + 0.5) / 768
    targets = []
    for left, top, right, bottom in boxes.detach().numpy():
        inside = ((fine >= top) & (fine < bottom))[:, None] * ((fine >= left) & (fine < right))[None, :]
        y, x = np.meshgrid((fine * rows).astype(int), (fine * columns).astype(int), indexing="ij")
        counts = np.bincount((y * columns + x)[inside], minlength=rows * columns)
        targets.append(counts / max(counts.sum(), 1))
    return -(torch.log_softmax(scores, -1) * torch.tensor(np.array(targets))).sum(-1)


def case(name, function, prediction, target):
    prediction, target = rounded(prediction), rounded(target)
    prediction.requires_grad_()
    errors = function(prediction, target)
    errors.mean().backward()
    return {
        "name": name,
        "loss": name.split("/")[0],
        "prediction": prediction.tolist(),
        "target": target.tolist(),
        "errors": errors.tolist(),
        "gradient": prediction.grad.tolist(),
    }


def unit(count):
    axes = generator.normal(size=(count, 3))
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def boxes(count, least=0.05):
    sizes = generator.uniform(least, 0.4, (count, 2))
    from_ = generator.uniform(0, 1 - sizes)
    return np.concatenate([from_, from_ + sizes], 1)


def cases():
    axes = unit(6)
    angles = generator.uniform(0, pi, (6, 1))
    yield case("rotation/random", rotation, unit(6) * angles, axes * angles[::-1])
    yield case("rotation/near", rotation, axes * angles + 1e-2 * unit(6), axes * angles)
    yield case("rotation/a-turn-more", rotation, axes * (angles + 2 * pi) + 1e-1 * unit(6), axes * angles)
    yield case("rotation/the-other-side-of-half-a-turn", rotation, axes * (pi + 0.2), axes * (0.1 - pi))
    yield case("rotation/from-none", rotation, 1e-3 * axes, axes * angles)
    yield case("rotation/to-none", rotation, axes * angles, 0 * axes)
    yield case("boxOverlap/random", overlap, boxes(8), boxes(8))
    target = boxes(8)
    yield case("boxOverlap/near", overlap, target + generator.uniform(-0.02, 0.02, (8, 4)), target)
    centre = target.reshape(8, 2, 2).mean(1, keepdims=True).repeat(2, 1).reshape(8, 4)
    yield case("boxOverlap/inside", overlap, centre + 0.5 * (target - centre), target)
    # Sides of whole grid points, and one box of which a part lies beyond the picture.
    grid = np.round(boxes(6, 0.1) * 768) / 768
    yield case("grounding/random", grounding, generator.normal(size=(6, 12)), grid)
    beyond = [[-0.25, 0.25, 0.25, 0.75], [0.75, 0.5, 1.25, 1.5], [0, 0, 1, 1]]
    yield case("grounding/beyond-the-edge", grounding, generator.normal(size=(3, 12)), beyond)


def write():
    lines = ",\n".join(json.dumps(each) for each in cases())
    (here / "policy.json").write_text(f"[\n{lines}\n]\n")

"""Golden values of calibration: torchmetrics."""

import json
from pathlib import Path

import torch
from torchmetrics.functional.classification import multiclass_calibration_error


def case(name, probabilities, labels, bins):
    probabilities = probabilities.float()
    error = multiclass_calibration_error(
        probabilities.double(), labels, num_classes=probabilities.shape[1], n_bins=bins, norm="l1"
    )
    return {
        "name": name,
        "classes": probabilities.shape[1],
        "bins": bins,
        "probabilities": probabilities.double().flatten().tolist(),
        "labels": labels.tolist(),
        "error": float(error),
    }


torch.manual_seed(13)
cases = []
for samples, classes, sharpness, bins in ((40, 4, 1, 15), (60, 3, 3, 15), (30, 2, 2, 10), (40, 5, 30, 15)):
    logits = torch.randn(samples, classes) * sharpness
    labels = torch.where(torch.rand(samples) < 0.6, logits.argmax(1), torch.randint(classes, (samples,)))
    cases.append(case(f"{samples} samples of {classes} classes", logits.softmax(1), labels, bins))
edges = torch.tensor([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0], [0.0, 1.0], [0.875, 0.125]])
cases.append(case("on the borders of bins", edges, torch.tensor([1, 0, 0, 0, 1]), 4))
cases.append(case("one sample", torch.tensor([[0.25, 0.25, 0.5]]), torch.tensor([2]), 15))

(Path(__file__).parent / "calibration.json").write_text(json.dumps(cases, indent=1) + "\n")

"""Golden values for src/evaluation/dual: scikit-learn and torchmetrics."""

import json
from pathlib import Path

import numpy as np
import torch
from sklearn import metrics
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torchmetrics.functional.classification import multiclass_calibration_error

random = np.random.default_rng(16)
here = Path(__file__).parent
round32 = lambda array: np.asarray(array, dtype=np.float32).astype(np.float64)
unit = lambda rows: rows / np.linalg.norm(rows, axis=-1, keepdims=True)
write = lambda name, content: (here / f"{name}.json").write_text(json.dumps(content) + "\n")


def zero_shot():
    """Seven classes, the last without images; three prompts a class, whose mean is normalized again. The scale is that of
    test/golden/clip/quick-gelu."""
    samples, classes, templates, width, scale = 60, 7, 3, 8, float(np.exp(np.float64(np.float32(2.6592))))
    centres = random.normal(size=(classes, width))
    labels = random.integers(classes - 1, size=samples)
    images = round32(unit(centres[labels] + 1.1 * random.normal(size=(samples, width))))
    prompts = round32(unit(centres + 0.5 * random.normal(size=(templates, classes, width))))
    cosines = images @ unit(prompts.mean(0)).T
    probabilities = np.exp(scale * cosines)
    probabilities /= probabilities.sum(1, keepdims=True)
    predictions = cosines.argmax(1)
    weighted = metrics.precision_recall_fscore_support(labels, predictions, average="weighted", zero_division=0)
    calibration = multiclass_calibration_error(
        torch.tensor(probabilities), torch.tensor(labels), num_classes=classes, n_bins=15, norm="l1"
    )
    write(
        "zero-shot",
        {
            "width": width,
            "scale": scale,
            "images": images.flatten().tolist(),
            "prompts": prompts.reshape(templates, -1).tolist(),
            "labels": labels.tolist(),
            "classes": classes,
            "metrics": {
                "accuracy": metrics.accuracy_score(labels, predictions),
                "top5Accuracy": metrics.top_k_accuracy_score(labels, cosines, k=5, labels=range(classes)),
                "meanPerClassRecall": metrics.balanced_accuracy_score(labels, predictions),
                "precision": weighted[0],
                "recall": weighted[1],
                "f1": weighted[2],
                "calibrationError": float(calibration),
            },
            "confusion": metrics.confusion_matrix(labels, predictions, labels=range(classes)).tolist(),
        },
    )


def principal_components():
    rows = round32(random.normal(size=(40, 6)) @ random.normal(size=(6, 6)) + random.normal(size=6))
    fitted = PCA(n_components=2, svd_solver="full").fit(rows)
    write(
        "pca",
        {
            "rows": rows.flatten().tolist(),
            "width": 6,
            "places": fitted.transform(rows).tolist(),
            "explained": fitted.explained_variance_ratio_.tolist(),
        },
    )


def probes():
    """Four noisy classes: a logistic regression whose C is chosen on validation data, and five nearest neighbours."""
    width, classes = 6, 4
    centres = random.normal(size=(classes, width))

    def split(samples):
        labels = random.integers(classes, size=samples)
        labels[:classes] = range(classes)
        return round32(unit(centres[labels] + 1.3 * random.normal(size=(samples, width)))), labels

    (train, y), (validation, v), (test, t) = split(80), split(40), split(60)
    strengths = [10.0**power for power in range(-3, 4)]
    fits = [LogisticRegression(C=c, tol=1e-8, max_iter=10_000).fit(train, y) for c in strengths]
    best = int(np.argmax([fit.score(validation, v) for fit in fits]))
    probabilities = fits[best].predict_proba(test)
    vote = lambda distances: np.exp((1 - distances) / 0.07)
    neighbours = KNeighborsClassifier(5, weights=vote, metric="cosine", algorithm="brute").fit(train, y)
    write(
        "probes",
        {
            "width": width,
            **{
                name: {"images": rows.flatten().tolist(), "labels": labels.tolist()}
                for name, rows, labels in [("train", train, y), ("validation", validation, v), ("test", test, t)]
            },
            "inverseStrength": strengths[best],
            "validationAccuracies": [fit.score(validation, v) for fit in fits],
            "accuracy": fits[best].score(test, t),
            "logLoss": metrics.log_loss(t, probabilities),
            "neighbours": neighbours.score(test, t),
            "neighboursRecall": metrics.balanced_accuracy_score(t, neighbours.predict(test)),
        },
    )


zero_shot()
principal_components()
probes()

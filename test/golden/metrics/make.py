"""Golden values for src/metrics: scikit-learn and NumPy."""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics

random = np.random.default_rng(7)
here = Path(__file__).parent


def floats(array):
    """float32 values, so that both sides start from the same bits."""
    return np.asarray(array, dtype=np.float32).flatten().astype(float).tolist()


def normalized(features):
    features = features.astype(np.float32).astype(np.float64)
    return features / np.linalg.norm(features, axis=1, keepdims=True)


def retrieval_metrics(ranks):
    return {
        **{f"R@{k}": 100 * float(np.mean(ranks <= k)) for k in (1, 5, 10)},
        "MedR": float(np.median(ranks)),
        "MeanR": float(np.mean(ranks)),
    }


def retrieval():
    """Noisy pairs of 12 concepts: 24 images, 31 captions; caption 0 describes the first two concepts."""
    width, concepts = 6, 12
    centres = random.normal(size=(concepts, width))
    image_concepts = [[i % concepts] for i in range(24)]
    text_concepts = [[0, 1]] + [[i % concepts] for i in range(30)]
    images = np.stack([centres[c[0]] for c in image_concepts]) + 0.9 * random.normal(size=(24, width))
    texts = np.stack([centres[c].mean(0) for c in text_concepts]) + 0.9 * random.normal(size=(31, width))
    similarity = normalized(images) @ normalized(texts).T
    match = np.array([[bool(set(i) & set(t)) for t in text_concepts] for i in image_concepts])

    def ranks(scores, correct):
        best = np.where(correct, scores, -np.inf).max(1, keepdims=True)
        return 1 + ((scores >= best) & ~correct).sum(1)

    forward, backward = ranks(similarity, match), ranks(similarity.T, match.T)
    return {
        "width": width,
        "imageFeatures": floats(images),
        "textFeatures": floats(texts),
        "imageConcepts": [str(c[0]) for c in image_concepts],
        "textConcepts": [[str(c) for c in cs] for cs in text_concepts],
        "imageToText": retrieval_metrics(forward),
        "textToImage": retrieval_metrics(backward),
        "nearest": np.argsort(-similarity[3])[:5].tolist(),
        "nearestSimilarity": np.sort(similarity[3])[::-1][:5].tolist(),
    }


def classification():
    """Class 4 is never a label and class 3 never predicted."""
    classes, count = 6, 60
    scores = random.normal(size=(count, classes))
    labels = random.choice([0, 1, 2, 3, 5], size=count)
    scores[np.arange(count), labels] += 1
    scores[:, 3] -= 9
    scores = scores.astype(np.float32)
    predictions = scores.argmax(1)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, predictions, average="weighted", zero_division=0
    )
    return {
        "classes": classes,
        "scores": floats(scores),
        "labels": labels.tolist(),
        "accuracy": metrics.accuracy_score(labels, predictions),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "confusion": metrics.confusion_matrix(labels, predictions, labels=range(classes)).tolist(),
        "topK": {
            str(k): metrics.top_k_accuracy_score(labels, scores, k=k, labels=range(classes)) for k in (1, 2, 3)
        },
    }


def regression():
    targets = random.normal(size=(40, 3)).astype(np.float32)
    predictions = (targets + 0.2 * random.normal(size=targets.shape)).astype(np.float32)
    tolerance = [0.2, 0.3, 0.4]
    within = np.abs(predictions.astype(float) - targets.astype(float)) <= tolerance
    flat = targets.flatten().astype(float), predictions.flatten().astype(float)
    return {
        "predictions": floats(predictions),
        "targets": floats(targets),
        "tolerance": tolerance,
        "meanSquaredError": metrics.mean_squared_error(*flat),
        "meanAbsoluteError": metrics.mean_absolute_error(*flat),
        "rootMeanSquaredError": metrics.root_mean_squared_error(*flat),
        "withinTolerance": float(within.all(1).mean()),
    }


def alignment():
    count, width = 20, 5
    images = random.normal(size=(count, width)) + 0.5
    texts = images + 0.7 * random.normal(size=(count, width)) - 0.5
    concepts = np.arange(count) // 2
    u, v = normalized(images), normalized(texts)
    similarity = u @ v.T
    same = concepts[:, None] == concepts[None, :]
    diagonal = np.eye(count, dtype=bool)

    def uniformity(x):
        squared = ((x[:, None] - x[None, :]) ** 2).sum(-1)
        return float(np.log(np.exp(-2 * squared[np.triu_indices(count, 1)]).mean()))

    return {
        "width": width,
        "imageFeatures": floats(images),
        "textFeatures": floats(texts),
        "concepts": [str(c) for c in concepts],
        "matchingMean": float(similarity[same].mean()),
        "nonMatchingMean": float(similarity[~same].mean()),
        "matchingMargin": float(similarity[same].mean() - similarity[~same].mean()),
        "diagonalMean": float(similarity[diagonal].mean()),
        "offDiagonalMean": float(similarity[~diagonal].mean()),
        "alignment": float(((u - v) ** 2).sum(1).mean()),
        "imageUniformity": uniformity(u),
        "textUniformity": uniformity(v),
        "modalityGap": float(np.linalg.norm(u.mean(0) - v.mean(0))),
    }


def classification_edges():
    """Ties, rows of NaN (in Python the prediction -1), absent classes, and data of one class."""
    random = np.random.default_rng(11)

    def case(name, scores, labels):
        scores = np.asarray(scores, dtype=np.float32)
        classes = scores.shape[1]
        lowered = np.where(np.isnan(scores), -np.inf, scores)
        predictions = np.where(np.isnan(scores).all(1), -1, lowered.argmax(1))
        given = dict(labels=list(range(classes)), zero_division=0)
        per_class = metrics.precision_recall_fscore_support(labels, predictions, **given)
        weighted = metrics.precision_recall_fscore_support(labels, predictions, average="weighted", **given)
        return {
            "name": name,
            "classes": classes,
            "scores": [None if np.isnan(score) else float(score) for score in scores.flatten()],
            "labels": [int(label) for label in labels],
            "accuracy": metrics.accuracy_score(labels, predictions),
            **dict(zip(("precision", "recall", "f1"), map(float, weighted))),
            "perClass": [
                {"precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
                for p, r, f, n in zip(*per_class)
            ],
        }

    tied = random.integers(0, 3, size=(40, 4))
    sparse = random.normal(size=(30, 5)) - [0, 0, 9, 0, 0]
    broken = random.normal(size=(30, 3))
    broken[::4] = np.nan
    broken[1::4, 1] = np.nan
    return [
        case("ties", tied, random.integers(0, 4, size=40)),
        case("absent classes", sparse, random.choice([0, 1, 2], size=30)),
        case("NaN", broken, random.integers(0, 3, size=30)),
        case("one class of three in the labels", random.normal(size=(12, 3)), [1] * 12),
        case("one class only", random.normal(size=(6, 1)), [0] * 6),
        case("one sample", [[0.25, 0.5]], [0]),
    ]


def regression_edges():
    """Coefficients of determination: several outputs, constant targets hit and missed, one sample."""
    random = np.random.default_rng(12)

    def case(name, targets, predictions):
        targets, predictions = np.float32(targets), np.float32(predictions)
        with warnings.catch_warnings(action="ignore"):
            score = metrics.r2_score(targets.astype(float), predictions.astype(float))
        return {
            "name": name,
            "targets": floats(targets),
            "predictions": floats(predictions),
            "outputs": targets.shape[1],
            "coefficientOfDetermination": None if np.isnan(score) else float(score),
        }

    targets = random.normal(size=(25, 3))
    constant = targets * [1, 0, 1] + [0, 0.1, 5]
    noise = 0.3 * random.normal(size=targets.shape)
    return [
        case("one output", targets[:, :1], (targets + noise)[:, :1]),
        case("three outputs", targets, targets + noise),
        case("worse than the mean", targets, -targets),
        case("a constant target, missed", constant, constant + noise),
        case("a constant target, hit", constant, constant + noise * [1, 0, 1]),
        case("everything constant and hit", np.ones((4, 2)), np.ones((4, 2))),
        case("one sample", [[1.0, 2.0]], [[1.5, 2.0]]),
    ]


def geometry():
    """Features of three classes, and of texts that follow them loosely."""
    random = np.random.default_rng(15)
    count, width = 40, 6
    labels = random.integers(0, 3, size=count)
    images = random.normal(size=(3, width))[labels] + 0.5 * random.normal(size=(count, width)) + 0.3
    texts = images @ random.normal(size=(width, width)) + 0.8 * random.normal(size=(count, width))
    u, v = normalized(images), normalized(texts)
    squared = ((u[:, None] - u[None, :]) ** 2).sum(-1)
    upper = np.triu_indices(count, 1)
    same = (labels[:, None] == labels[None, :])[upper]
    return {
        "width": width,
        "features": floats(images),
        "textFeatures": floats(texts),
        "labels": labels.tolist(),
        "diversity": float(((u - u.mean(0)) ** 2).sum(1).mean()),
        "intraClassDistance": float(squared[upper][same].mean()),
        "interClassDistance": float(squared[upper][~same].mean()),
        "separability": float(squared[upper][~same].mean() / squared[upper][same].mean()),
        "similarityCorrelation": float(np.corrcoef((u @ u.T)[upper], (v @ v.T)[upper])[0, 1]),
    }


def file_name(make):
    return make.__name__.replace("_", "-") + ".json"


for make in (retrieval, classification, regression, alignment, classification_edges, regression_edges, geometry):
    (here / file_name(make)).write_text(json.dumps(make(), indent=1) + "\n")

"""Golden values of classifiers on features: scikit-learn's logistic regression, and DINO's formula of neighbours."""

import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

here = Path(__file__).parent


def draw(seed, labels, width, noise):
    """Features around a centre of each class, on scales that differ."""
    random = np.random.default_rng(seed)
    labels = np.array(labels)
    centres = random.normal(size=(labels.max() + 1, width))
    features = centres[labels] + noise * random.normal(size=(len(labels), width))
    return np.float32((features + 0.5) * np.geomspace(0.5, 4, width))


def probe(name, classes, train, test, C=1.0, standardize=False, noise=1.0, width=5):
    features = draw(21, np.concatenate([train, test]), width, noise)
    x, y = features[: len(train)].astype(float), features[len(train) :].astype(float)
    scaler = StandardScaler(with_mean=standardize, with_std=standardize).fit(x)
    model = LogisticRegression(C=C, tol=1e-11, max_iter=100_000).fit(scaler.transform(x), train)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # one vector for both classes
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    if standardize:  # on features as they are
        weights = weights / scaler.scale_
        bias = bias - weights @ scaler.mean_
    probabilities = np.zeros((len(test), classes))
    probabilities[:, model.classes_] = model.predict_proba(scaler.transform(y))
    return {
        "name": name,
        "classes": classes,
        "width": width,
        "inverseStrength": C,
        "standardize": standardize,
        "features": features[: len(train)].flatten().astype(float).tolist(),
        "labels": list(train),
        "testFeatures": features[len(train) :].flatten().astype(float).tolist(),
        "testLabels": list(test),
        "present": model.classes_.tolist(),
        "weights": weights.flatten().tolist(),
        "bias": bias.tolist(),
        "probabilities": probabilities.flatten().tolist(),
        "predictions": model.predict(scaler.transform(y)).tolist(),
    }


three, two = [0, 1, 2] * 12, [0, 1, 1] * 10
cases = [
    probe("three classes", 3, three, [0, 1, 2, 2, 1, 0, 1]),
    probe("two classes", 2, two, [0, 1, 1, 0]),
    probe("two classes, standardized", 2, two, [0, 1, 1, 0], standardize=True),
    probe("a strong penalty", 3, three, [0, 1, 2], C=0.001),
    probe("a weak penalty", 3, three, [0, 1, 2], C=100.0, noise=1.5),
    probe("standardized", 4, [0, 1, 2, 3, 3] * 8, [0, 1, 2, 3], C=0.3, standardize=True),
    probe("a class without samples", 4, [0, 1, 3] * 8, [0, 1, 3, 3]),
    probe("two of three classes", 3, [0, 2] * 8, [0, 2, 2]),
    probe("three samples", 3, [0, 1, 2], [2, 1, 0]),
]
(here / "probe.json").write_text(json.dumps(cases) + "\n")


def neighbours(k, temperature, classes=4, width=6):
    """`knn_classifier` of DINO (Caron et al. 2021): votes of the k nearest, weighted by exp(cosine / temperature)."""
    random = np.random.default_rng(22)
    centres = random.normal(size=(classes, width))
    labels, asked = random.integers(0, classes, size=50), random.integers(0, classes, size=30)
    gallery = np.float32(centres[labels] + 1.2 * random.normal(size=(50, width)))
    queries = np.float32(centres[asked] + 1.2 * random.normal(size=(30, width)))
    u, v = (x.astype(float) / np.linalg.norm(x.astype(float), axis=1, keepdims=True) for x in (queries, gallery))
    similarities = u @ v.T
    nearest = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
    votes = np.zeros((30, classes))
    for query, rows in enumerate(nearest):
        np.add.at(votes[query], labels[rows], np.exp(similarities[query, rows] / temperature))
    return {
        "k": k,
        "temperature": temperature,
        "classes": classes,
        "width": width,
        "features": gallery.flatten().astype(float).tolist(),
        "labels": labels.tolist(),
        "queries": queries.flatten().astype(float).tolist(),
        "votes": (votes / votes.sum(1, keepdims=True)).flatten().tolist(),
        "predictions": votes.argmax(1).tolist(),
    }


(here / "neighbours.json").write_text(json.dumps([neighbours(20, 0.07), neighbours(5, 0.2), neighbours(50, 1.0)]) + "\n")

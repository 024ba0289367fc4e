"""Losses of distillation and their gradients, in float64: distillation.json, written by make.py. See ../README.md.

Softened logits are torch's kl_div with log_target, as KD is usually written; affinities are torch's cross_entropy with
probabilities; features are normalized by torch. Interactive contrastive learning and feature distances are written as in
CLIP-KD's paper.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

here = Path(__file__).parent
generator = np.random.default_rng(41)


def rounded(x):
    """Inputs that float32 represents exactly; the reference then goes on in float64."""
    return torch.as_tensor(np.asarray(x)).float().double()


def normal(*shape, scale=1.0):
    return rounded(scale * generator.standard_normal(shape))


def features(count, width):
    return rounded(F.normalize(torch.from_numpy(generator.standard_normal((count, width)))))


def softened(logits, teacher, temperature):
    student = F.log_softmax(logits / temperature, -1)
    target = F.log_softmax(teacher / temperature, -1)
    return F.kl_div(student, target, reduction="none", log_target=True).sum(-1) * temperature**2


def attention(scores, teacher, _):
    return F.kl_div(F.log_softmax(scores, -1), teacher.softmax(-1), reduction="none").sum(-1)


def similarity(logits, teacher, temperature):
    return (softened(logits, teacher, temperature) + softened(logits.T, teacher.T, temperature)) / 2


def affinity(logits, teacher, temperature):
    logits, teacher = logits / temperature, teacher / temperature
    by_image = F.cross_entropy(logits, teacher.softmax(1), reduction="none")
    by_text = F.cross_entropy(logits.T, teacher.T.softmax(1), reduction="none")
    return (by_image + by_text) / 2


def feature(student, teacher, _):
    return 2 - 2 * F.cosine_similarity(student, teacher)


def relational(student, teacher, _):
    count = len(student)
    squared = (student @ student.T - teacher @ teacher.T).square()
    return squared.masked_fill(torch.eye(count).bool(), 0).sum(1) / max(1, count - 1)


losses = {
    "softened": softened,
    "attention": attention,
    "similarity": similarity,
    "affinity": affinity,
    "feature": feature,
    "relational": relational,
}


def case(name, student, teacher, temperature=1.0):
    loss = name.split("/")[0]
    leaf = student.clone().requires_grad_()
    rows = losses[loss](leaf, teacher, temperature)
    rows.mean().backward()
    return {
        "name": name,
        "loss": loss,
        "student": student.tolist(),
        "teacher": teacher.tolist(),
        "temperature": temperature,
        "rows": rows.tolist(),
        "gradient": leaf.grad.tolist(),
    }


def interactive(scale=10.0):
    images, texts = features(4, 6), features(4, 6)
    teacher_images, teacher_texts = features(4, 6), features(4, 6)
    leaves = [images.clone().requires_grad_(), texts.clone().requires_grad_()]
    labels = torch.arange(4)
    by_image = F.cross_entropy(scale * leaves[0] @ teacher_texts.T, labels, reduction="none")
    by_text = F.cross_entropy(scale * leaves[1] @ teacher_images.T, labels, reduction="none")
    rows = (by_image + by_text) / 2
    rows.mean().backward()
    return {
        "images": images.tolist(),
        "texts": texts.tolist(),
        "teacher": {"images": teacher_images.tolist(), "texts": teacher_texts.tolist()},
        "scale": scale,
        "rows": rows.tolist(),
        "gradients": {"images": leaves[0].grad.tolist(), "texts": leaves[1].grad.tolist()},
    }


def cases():
    for temperature in [1.0, 4.0, 20.0]:
        yield case(f"softened/T={temperature}", normal(3, 5, scale=3), normal(3, 5, scale=3), temperature)
    yield case("softened/large", normal(3, 5, scale=1000), normal(3, 5, scale=1000), 4.0)
    same = normal(3, 5)
    yield case("softened/same", same, same, 4.0)
    yield case("attention/random", normal(3, 6), normal(3, 6))
    yield case("attention/sharp", normal(3, 6), normal(3, 6, scale=200))
    for temperature in [1.0, 4.0]:
        yield case(f"similarity/T={temperature}", normal(4, 4, scale=10), normal(4, 4, scale=10), temperature)
        yield case(f"affinity/T={temperature}", normal(4, 4, scale=10), normal(4, 4, scale=10), temperature)
    yield case("similarity/one", normal(1, 1), normal(1, 1), 4.0)
    yield case("relational/other-width", features(4, 5), features(4, 8))
    yield case("relational/one", features(1, 5), features(1, 5))


def feature_case():
    """2 − 2·cosine has the value of the squared distance of unit vectors, and its gradient once both are normalized."""
    student, teacher = normal(4, 5), features(4, 5)
    return case("feature/random", student, teacher)


def write():
    lines = ",\n".join(json.dumps(each) for each in [*cases(), feature_case()])
    interaction = json.dumps(interactive())
    (here / "distillation.json").write_text(f'{{"cases": [\n{lines}\n],\n"interactive": {interaction}}}\n')


if __name__ == "__main__":
    write()

"""Contrastive losses and their gradients, in float64. See ../README.md for the format.

InfoNCE is open_clip's ClipLoss on one machine, SigLIP is open_clip's SigLipLoss; both take normalized features and
the scale that multiplies the similarities. With concepts, all pairs of one concept are positive; with texts, an image
matches every text that a pair of its concept has.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import distillation
import policy

here = Path(__file__).parent
generator = np.random.default_rng(27)


def rounded(x):
    """Inputs that float32 represents exactly; the reference then goes on in float64."""
    return x.float().double()


def features(count, width):
    return rounded(F.normalize(torch.from_numpy(generator.standard_normal((count, width)))))


def info_nce(image, text, scale, bias, positives):
    logits = scale * image @ text.T
    if positives.equal(torch.eye(len(image)).double()):
        labels = torch.arange(len(image))  # as open_clip writes it
        return logits, (F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)) / 2
    by_image = positives / positives.sum(1, keepdim=True)
    by_text = positives.T / positives.T.sum(1, keepdim=True)
    return logits, (F.cross_entropy(logits, by_image) + F.cross_entropy(logits.T, by_text)) / 2


def siglip(image, text, scale, bias, positives):
    logits = scale * image @ text.T + bias
    labels = 2 * positives - 1
    return logits, -F.logsigmoid(labels * logits).sum() / len(image)


losses = {"infoNce": info_nce, "siglip": siglip}


def positives_of(concepts, texts):
    """Image i and text j match if some pair has the concept of image i and the text of pair j."""
    count = len(concepts)
    return torch.tensor(
        [
            [
                any(concepts[k] == concepts[i] and texts[k] == texts[j] for k in range(count))
                for j in range(count)
            ]
            for i in range(count)
        ]
    ).double()


def case(name, image, text, scale, bias=None, concepts=None, texts=None):
    leaves = {
        "imageFeatures": image.clone(),
        "textFeatures": text.clone(),
        "scale": rounded(torch.tensor(scale)),
        "bias": None if bias is None else rounded(torch.tensor(bias)),
    }
    for leaf in leaves.values():
        if leaf is not None:
            leaf.requires_grad_()
    concepts = list(range(len(image))) if concepts is None else concepts
    positives = positives_of(concepts, list(range(len(image))) if texts is None else texts)
    logits, loss = losses[name.split("/")[0]](*leaves.values(), positives)
    loss.backward()
    return {
        "name": name,
        "loss": name.split("/")[0],
        "inputs": {key: None if leaf is None else leaf.tolist() for key, leaf in leaves.items()},
        "concepts": concepts,
        **({} if texts is None else {"texts": texts}),
        "logits": logits.tolist(),
        "value": loss.item(),
        "gradients": {
            **{key: None if leaf is None else leaf.grad.tolist() for key, leaf in leaves.items()},
            # With respect to the parameter that CLIP and SigLIP keep, log(scale).
            "logScale": (leaves["scale"] * leaves["scale"].grad).item(),
        },
    }


def cases():
    image, text = features(6, 8), features(6, 8)
    matching = rounded(F.normalize(image + 0.3 * features(6, 8)))
    repeated = [0, 1, 0, 2, 1, 0]
    for loss, bias in [("infoNce", None), ("siglip", -2.0)]:
        yield case(f"{loss}/random", image, text, 14.285714, bias)
        yield case(f"{loss}/matching", image, matching, 5.0, bias)
        yield case(f"{loss}/one-pair", image[:1], text[:1], 10.0, bias)
        yield case(f"{loss}/scale-100", image, matching, 100.0, bias)
        yield case(f"{loss}/identical-features", image[:1].expand(4, -1), image[:1].expand(4, -1), 100.0, bias)
        yield case(f"{loss}/repeated-concepts", image, text, 14.285714, bias, repeated)
        yield case(f"{loss}/repeated-concepts-matching", image, matching, 100.0, bias, repeated)
        yield case(f"{loss}/one-concept", image, text, 14.285714, bias, [3] * 6)
    yield case("siglip/initial-bias", image, text, 10.0, -10.0)
    texts = [5, 7, 5, 8, 9, 7]
    for loss, bias in [("infoNce", None), ("siglip", -2.0)]:
        yield case(f"{loss}/equal-texts", image, text, 14.285714, bias, texts=texts)
        yield case(f"{loss}/equal-texts-matching", image, matching, 100.0, bias, texts=texts)
        yield case(f"{loss}/repeated-concepts-equal-texts", image, text, 14.285714, bias, repeated, texts)
        yield case(f"{loss}/one-text", image, text, 14.285714, bias, texts=[3] * 6)


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(each) for each in cases())
    (here / "contrastive.json").write_text(f"[\n{lines}\n]\n")
    policy.write()
    distillation.write()

"""Golden values of mean average precision: pycocotools."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def draw_image(random, classes, truths, predictions, crowds, decimals):
    """Boxes with whole numbers as corners: left, top, right, bottom. Every other prediction is near a truth."""

    def box():
        width, height = np.exp(random.uniform(np.log(8), np.log(220), size=2)).astype(int)
        left, top = random.integers(0, 300, size=2)
        return [left, top, left + width, top + height]

    true = [{"box": box(), "label": random.integers(classes), "crowd": i < crowds} for i in range(truths)]
    found = []
    for i in range(predictions):
        near = true[random.integers(truths)] if truths and i % 2 == 0 else None
        corners = np.array(near["box"] if near else box()) + random.integers(-4, 5, size=4)
        corners[2:] = np.maximum(corners[2:], corners[:2] + 1)
        label = near["label"] if near and random.random() < 0.8 else random.integers(classes)
        found.append({"box": corners, "score": round(random.random(), decimals), "label": label})
    return {"truths": true, "predictions": found}


def evaluate(images, classes):
    def annotations(kind):
        number = 0
        for image, content in enumerate(images):
            for item in content[kind]:
                number += 1
                left, top, right, bottom = (float(x) for x in item["box"])
                yield {
                    "id": number,
                    "image_id": image + 1,
                    "category_id": int(item["label"]),
                    "bbox": [left, top, right - left, bottom - top],
                    "area": (right - left) * (bottom - top),
                    "iscrowd": int(item.get("crowd", False)),
                    **({"score": float(item["score"])} if "score" in item else {}),
                }

    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": i + 1} for i in range(len(images))],
            "categories": [{"id": c} for c in range(classes)],
            "annotations": list(annotations("truths")),
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(list(annotations("predictions"))), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()

    def known(value):
        return None if value == -1 else float(value)

    def mean(values):
        return float(np.mean(values)) if (values > -1).all() else -1

    names = ("map", "map50", "map75", "mapSmall", "mapMedium", "mapLarge")
    summary = dict(zip(names, map(known, evaluation.stats[:6])))
    precision, recall = evaluation.eval["precision"], evaluation.eval["recall"]
    by_class = [
        {
            "label": c,
            "map": mean(precision[:, :, c, 0, 2]),
            "map50": mean(precision[0, :, c, 0, 2]),
            "recall": mean(recall[:, c, 0, 2]),
        }
        for c in range(classes)
    ]
    return {**summary, "recall": known(evaluation.stats[8]), "byClass": [c for c in by_class if c["map"] != -1]}


def case(name, seed, images, classes=3, decimals=3):
    random = np.random.default_rng(seed)
    drawn = [draw_image(random, classes, *counts, decimals) for counts in images]
    return {"name": name, "images": drawn, **evaluate(drawn, classes)}


# (truths, predictions, crowds) of each image
cases = [
    case("plain", 1, [(5, 12, 0), (3, 8, 0), (8, 20, 0), (1, 1, 0)]),
    case("images without truths, without predictions, without both", 2, [(5, 9, 0), (0, 7, 0), (4, 0, 0), (0, 0, 0)]),
    case("crowds", 3, [(6, 16, 3), (4, 12, 1), (2, 8, 2), (7, 18, 0)]),
    case("equal scores", 4, [(6, 16, 1), (6, 16, 0), (5, 14, 0)], decimals=1),
    case("more than 100 predictions of a class in an image", 5, [(4, 260, 0), (12, 40, 1)], classes=2, decimals=2),
    case("classes without truths", 6, [(2, 12, 0), (1, 9, 0)], classes=8),
    case("crowds only", 7, [(2, 6, 2)], classes=1),
]


def plain(value):
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


(Path(__file__).parent / "detection.json").write_text(json.dumps(cases, default=plain) + "\n")

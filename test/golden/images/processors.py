"""Writes processors.json beside this file (Python 3, numpy, pillow, transformers; no torchvision).

What Hugging Face's image processors make of pictures that both sides draw alike, in whole numbers:
`sizes`, the sizes of 200 pictures with levels (0 to 255) at some pixels of CLIPImageProcessor's square;
`configs`, contents of preprocessor_config.json with the values that their class gives, or the shape that is no square, or
the error; `classes`, the defaults of each class.
"""

import base64
import json
import tempfile
from pathlib import Path

import numpy as np
import transformers
from PIL import Image
from transformers import AutoImageProcessor

here = Path(__file__).parent
generator = np.random.default_rng(14)
names = ["CLIP", "Siglip", "ViT", "DeiT", "Blip", "Bit"]


def waves(width, height):
    """Triangles of levels across and down, a few periods a side: [height, width, 3]."""
    half = max(4, min(width, height) // 24)
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x * a + y * b) % (2 * half) for a, b in ((1, 0), (0, 1), (1, 1))]
    return np.stack([np.minimum(p, 2 * half - p) * 255 // half for p in planes], -1).astype(np.uint8)


def spots(side):
    """Eight rows of eight pixels, the corners among them."""
    return [round(i * (side - 1) / 7) for i in range(8)]


def sample(pixels):
    side = pixels.shape[-1]
    return pixels[:, spots(side)][:, :, spots(side)]


def processor_of(config, model_type):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "preprocessor_config.json").write_text(json.dumps(config))
        Path(folder, "config.json").write_text(json.dumps({"model_type": model_type}))
        return AutoImageProcessor.from_pretrained(folder, backend="pil")


def sizes():
    clip = processor_of({"image_processor_type": "CLIPImageProcessor", "do_normalize": False}, "clip")
    cases = [(640, 480), (480, 640), (1280, 720), (225, 224), (100, 300)]
    cases += [tuple(int(x) for x in generator.integers(40, 700, 2)) for _ in range(200 - len(cases))]
    results = []
    for width, height in cases:
        pixels = clip(images=Image.fromarray(waves(width, height)), return_tensors="np")["pixel_values"][0]
        levels = np.rint(sample(pixels) * 255).astype(np.uint8)
        results.append([width, height, base64.b64encode(levels.tobytes()).decode()])
    return results


square = lambda side: {"height": side, "width": side}
contents = [
    # The class alone: all defaults.
    *[{"image_processor_type": f"{name}ImageProcessor"} for name in names],
    {"image_processor_type": "CLIPImageProcessorFast"},
    {"feature_extractor_type": "CLIPFeatureExtractor"},
    {"feature_extractor_type": "ViTFeatureExtractor", "size": 32},
    {},
    # Old flat forms.
    {"feature_extractor_type": "CLIPFeatureExtractor", "size": 32, "crop_size": 32, "do_center_crop": True, "resample": 3},
    {"image_processor_type": "SiglipImageProcessor", "size": 32},
    {"image_processor_type": "CLIPImageProcessor", "size": [40, 40], "crop_size": [32, 32]},
    # Size and crop.
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 40}, "crop_size": square(32)},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 37}, "crop_size": 32},
    {"image_processor_type": "CLIPImageProcessor", "size": square(32), "crop_size": square(32)},
    {"image_processor_type": "CLIPImageProcessor", "size": square(32), "do_center_crop": False},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "do_center_crop": False},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "do_center_crop": None},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 28}},
    {"image_processor_type": "SiglipImageProcessor", "size": square(40), "do_center_crop": True, "crop_size": square(32)},
    {"image_processor_type": "SiglipImageProcessor", "size": {"height": 32, "width": 28}},
    {"image_processor_type": "SiglipImageProcessor", "size": {"height": 32}},
    {"image_processor_type": "CLIPImageProcessor", "size": {"longest_edge": 32}},
    {"image_processor_type": "ViTImageProcessor", "size": 32},
    {"image_processor_type": "DeiTImageProcessor", "size": square(40), "crop_size": square(32)},
    # Kernels.
    *[{"image_processor_type": "SiglipImageProcessor", "size": square(32), "resample": kernel} for kernel in (1, 2, 3)],
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "resample": None},
    # Colours.
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "do_normalize": False},
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "do_normalize": None},
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "do_rescale": False},
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "rescale_factor": 1 / 127.5},
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "rescale_factor": 1 / 127.5, "do_normalize": False},
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "image_mean": 0.25, "image_std": [0.2, 0.3, 0.4]},
    {"image_processor_type": "SiglipImageProcessor", "size": square(32), "image_mean": [0.1, 0.2]},
]


def configs():
    results = []
    for model_type, content in [("clip", c) for c in contents] + [("siglip", {})]:
        case = {"modelType": model_type, "content": content, "pictures": []}
        for width, height in [(150, 97), (24, 40)]:
            try:
                processor = processor_of(content, model_type)
                pixels = processor(images=Image.fromarray(waves(width, height)), return_tensors="np")["pixel_values"][0]
                if pixels.shape[1] != pixels.shape[2]:
                    case["refused"] = f"shape {list(pixels.shape)}"
                    continue
                values = [float(f"{x:.5g}") for x in sample(pixels.astype(np.float64)).ravel()[::3]]
                case["pictures"].append({"width": width, "height": height, "side": pixels.shape[1], "values": values})
            except Exception as error:
                case["refused"] = f"{type(error).__name__}: {error}"[:80]
        if "refused" in case:
            del case["pictures"]
        results.append(case)
    return results


def classes():
    keys = ["size", "crop_size", "do_center_crop", "resample", "image_mean", "image_std"]
    return {
        f"{name}ImageProcessor": {k: v for k, v in getattr(transformers, f"{name}ImageProcessor")().to_dict().items() if k in keys}
        for name in names
    }


lines = ",\n".join
document = {"sizes": sizes(), "configs": configs(), "classes": classes()}
text = lines(
    f'"{key}": [\n{lines(json.dumps(x) for x in value)}\n]' if isinstance(value, list) else f'"{key}": {json.dumps(value)}'
    for key, value in document.items()
)
(here / "processors.json").write_text("{\n" + text + "\n}\n")

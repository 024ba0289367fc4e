"""Writes colors.json, tones.json and clip-processor.json beside this file (Python 3, numpy, torch, pillow, transformers).

colors.json: torchvision's colour operations and Gaussian blur on a small picture, from their formulas, with
the hue turned by Python's colorsys. tones.json: a picture of bytes through Pillow's ImageOps and its sharpness, as
bytes (base64). clip-processor.json: pictures as PNG (base64) and what Hugging Face's
CLIPImageProcessor makes of them at 16 pixels.
"""

import base64
import colorsys
import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from transformers import CLIPImageProcessor

here = Path(__file__).parent
generator = np.random.default_rng(5)


def flat(array):
    return [round(float(x), 6) for x in np.asarray(array).ravel()]


def colors():
    picture = generator.random((3, 5, 7))
    picture[:, 0, 0] = 0.5  # a grey
    picture[:, 0, 1] = (1, 0, 0)
    grey = (np.array([0.299, 0.587, 0.114])[:, None, None] * picture).sum(0)
    results = {
        "brighten": [[f, np.clip(picture * f, 0, 1)] for f in (0, 0.7, 1.6)],
        "contrast": [[f, np.clip(picture * f + grey.mean() * (1 - f), 0, 1)] for f in (0, 0.7, 1.6)],
        "saturate": [[f, np.clip(picture * f + grey * (1 - f), 0, 1)] for f in (0, 0.7, 1.6)],
        "rotateHue": [[t, hue(picture, t)] for t in (-0.5, -0.1, 0.1, 0.37)],
        "blur": [[s, blur(picture, 3, s)] for s in (0.1, 1.0, 2.0)] + [[s, blur(picture, 5, s)] for s in (1.5,)],
    }
    return {
        "width": 7,
        "height": 5,
        "picture": flat(picture),
        "results": {k: [{"amount": a, "expected": flat(x)} for a, x in v] for k, v in results.items()},
    }


def hue(picture, turns):
    result = picture.copy()
    for y in range(picture.shape[1]):
        for x in range(picture.shape[2]):
            h, s, v = colorsys.rgb_to_hsv(*picture[:, y, x])
            result[:, y, x] = colorsys.hsv_to_rgb((h + turns) % 1, s, v)
    return result


def blur(picture, kernel, sigma):
    radius = kernel // 2
    line = torch.exp(-0.5 * (torch.linspace(-radius, radius, kernel, dtype=torch.float64) / sigma) ** 2)
    line = line / line.sum()
    weight = torch.outer(line, line)[None, None].expand(3, 1, kernel, kernel)
    padded = torch.nn.functional.pad(torch.from_numpy(picture)[None], [radius] * 4, mode="reflect")
    return torch.nn.functional.conv2d(padded, weight, groups=3)[0].numpy()


def tones():
    width, height = 32, 24  # enough pixels for a histogram to be spread
    channels = [generator.normal(mean, 30, (height, width)) for mean in (90, 140, 200)]
    image = Image.fromarray(np.clip(np.stack(channels, -1), 5, 250).astype(np.uint8))

    def planes(picture):
        return base64.b64encode(np.asarray(picture).transpose(2, 0, 1).tobytes()).decode()

    results = {
        "posterize": [[b, ImageOps.posterize(image, b)] for b in (1, 4, 7)],
        "solarize": [[t, ImageOps.solarize(image, t)] for t in (0, 100, 256)],
        "sharpen": [[f, ImageEnhance.Sharpness(image).enhance(f)] for f in (0, 0.4, 1.9)],
        "autoContrast": [[0, ImageOps.autocontrast(image)]],
        "equalize": [[0, ImageOps.equalize(image)]],
    }
    return {
        "width": width,
        "height": height,
        "picture": planes(image),
        "results": {k: [{"amount": a, "expected": planes(x)} for a, x in v] for k, v in results.items()},
    }


def scene(width, height):
    """Smooth gradients with a bright disc: what a photograph has, without noise that no two filters share."""
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([x / width, y / height, 0.5 + 0.5 * np.sin(x / 5 + y / 7)], -1)
    disc = (x - width * 0.6) ** 2 + (y - height * 0.4) ** 2 < (min(width, height) * 0.2) ** 2
    picture[disc] = (1, 0.9, 0.2)
    return Image.fromarray((picture * 255).astype(np.uint8))


def clip_processor():
    processor = CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    cases = []
    for width, height in [(48, 48), (60, 40), (32, 64), (12, 12), (12, 18)]:
        image = scene(width, height)
        encoded = io.BytesIO()
        image.save(encoded, "PNG")
        pixels = processor(images=image, return_tensors="np")["pixel_values"][0]
        cases.append({"png": base64.b64encode(encoded.getvalue()).decode(), "pixelValues": flat(pixels)})
    return cases


(here / "colors.json").write_text(json.dumps(colors()))
(here / "tones.json").write_text(json.dumps(tones()))
(here / "clip-processor.json").write_text(json.dumps(clip_processor()))

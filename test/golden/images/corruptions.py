"""Writes corruptions.json beside this file (Python 3, numpy, scipy, pillow).

The corruptions of ImageNet-C (Hendrycks & Dietterich 2019, imagenet_c/corruptions.py) by its formulas and constants, on the
picture that `support/waves.ts` draws, of 224 and of 32 pixels, at severities 1 to 5: values in [0, 1] of red, green and blue at
64 places (`spots`), to six decimals.

- blur: defocus_blur's disc, of 224 pixels only, for its radii are whole numbers. OpenCV's filters by scipy's convolve; the disc
  is normalized (the formula's own discs of radius 8 and 10 are cut and sum to 1.01) and the outermost pixels go on beyond the edges.
- brightness: the value of HSV by Python's colorsys. contrast: about the mean of each colour.
- jpeg: Pillow's (libjpeg-turbo's) file, read again.
"""

import colorsys
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import convolve

here = Path(__file__).parent


def waves(side):
    """Triangles of levels across and down, a few periods a side: [side, side, 3]."""
    half = max(4, side // 24)
    y, x = np.mgrid[0:side, 0:side]
    planes = [(x * a + y * b) % (2 * half) for a, b in ((1, 0), (0, 1), (1, 1))]
    return np.stack([np.minimum(p, 2 * half - p) * 255 // half for p in planes], -1).astype(np.uint8)


def disk(radius, alias_blur):
    reach, size = (8, 3) if radius <= 8 else (radius, 5)
    x, y = np.meshgrid(*[np.arange(-reach, reach + 1)] * 2)
    disc = (x**2 + y**2 <= radius**2).astype(float)
    line = np.exp(-0.5 * (np.arange(size) - size // 2) ** 2 / alias_blur**2)
    disc = convolve(disc, np.outer(line, line), mode="mirror")
    return disc / disc.sum()


def blur(picture, severity):
    kernel = disk(*((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5))[severity - 1])
    return np.stack([convolve(picture[..., c], kernel, mode="nearest") for c in range(3)], -1)


def brightness(picture, severity):
    more = (0.1, 0.2, 0.3, 0.4, 0.5)[severity - 1]
    result = np.empty_like(picture)
    for place in np.ndindex(picture.shape[:2]):
        h, s, v = colorsys.rgb_to_hsv(*picture[place])
        result[place] = colorsys.hsv_to_rgb(h, s, np.clip(v + more, 0, 1))
    return result


def contrast(picture, severity):
    factor = (0.4, 0.3, 0.2, 0.1, 0.05)[severity - 1]
    means = np.mean(picture, axis=(0, 1), keepdims=True)
    return np.clip((picture - means) * factor + means, 0, 1)


def jpeg(picture, severity):
    file = io.BytesIO()
    quality = (25, 18, 15, 10, 7)[severity - 1]
    Image.fromarray(np.rint(picture * 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)) / 255


def sample(picture):
    side = picture.shape[0]
    spots = [round(i * (side - 1) / 7) for i in range(8)]
    return [round(float(x), 6) for x in picture[spots][:, spots].transpose(2, 0, 1).ravel()]


cases = [
    {"side": side, "name": corrupt.__name__, "severity": severity, "values": sample(corrupt(waves(side) / 255, severity))}
    for side in (32, 224)
    for corrupt in (blur, brightness, contrast, jpeg)
    for severity in range(1, 6)
    if corrupt is not blur or side == 224
]
here.joinpath("corruptions.json").write_text(
    "[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n"
)

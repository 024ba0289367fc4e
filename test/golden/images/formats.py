"""Writes formats.json beside this file (Python 3, numpy, pillow): small pictures in formats that are rare, as files (base64).

All are the same picture of 6 by 5 pixels, whose RGB levels stand under `levels`; `tolerance` is what a file's format
loses of them.
"""

import base64
import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

here = Path(__file__).parent
y, x = np.mgrid[0:5, 0:6]
rgb = np.stack([40 * x + 10, 50 * y + 5, 255 - 20 * x - 30 * y], -1).astype(np.uint8)
picture = Image.fromarray(rgb)
files = {}


def keep(name, file, tolerance=0, refused=None):
    files[name] = {"file": base64.b64encode(file).decode(), "tolerance": tolerance, "refused": refused}


def saved(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def bmp(bits, rows, compression=0, masks=(), top_down=False, header=40):
    """A BMP of rows of bytes, of which the first is the upper one."""
    rows = [row + b"\0" * (-len(row) % 4) for row in rows]
    body = b"".join(rows if top_down else rows[::-1])
    tail = b"".join(struct.pack("<I", m) for m in masks).ljust(header - 40, b"\0")
    start = 14 + 40 + len(tail)
    info = struct.pack("<IiiHHIIiiII", header, 6, -5 if top_down else 5, 1, bits, compression, len(body), 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + info + tail + body


def bmps():
    palette = picture.quantize(16)
    keep("BMP of 24 bits", saved(picture, "BMP"))
    keep("BMP from top to bottom", bmp(24, [row[:, ::-1].tobytes() for row in rgb], top_down=True))
    bgrx = np.dstack([rgb[..., ::-1], np.zeros((5, 6), np.uint8)])
    keep("BMP of 32 bits", bmp(32, [row.tobytes() for row in bgrx]))
    abgr = np.dstack([np.full((5, 6), 255, np.uint8), rgb[..., ::-1]])
    masks = (0xFF000000, 0x00FF0000, 0x0000FF00, 0x000000FF)
    keep("BMP of masks with alpha", bmp(32, [row.tobytes() for row in abgr], 3, masks, header=108))
    wide = rgb.astype(np.uint16) >> 3
    packed = (wide[..., 0] << 10) | (wide[..., 1] << 5) | wide[..., 2]
    keep("BMP of 16 bits", bmp(16, [row.astype("<u2").tobytes() for row in packed]), 8)
    keep("BMP of a palette", saved(picture.quantize(256, dither=Image.Dither.NONE), "BMP"), 2)
    keep("BMP run-length coded", bmp(8, [b"\0" * 6] * 5, 1), refused="compression 1")
    keep("BMP cut short", saved(picture, "BMP")[:-20], refused="cut short")


def tiff(array, photometric, format, bits, order="<", more=()):
    """An uncompressed TIFF of one strip; `more` are further tags of one short number."""
    height, width, channels = array.shape
    data = array.astype(array.dtype.newbyteorder(order)).tobytes()
    shorts = {258: [bits] * channels, 259: [1], 262: [photometric], 277: [channels], 284: [1], 339: [format] * channels}
    shorts |= {tag: [value] for tag, value in more}
    longs = {256: width, 257: height, 273: None, 278: height, 279: len(data)}
    tags = sorted([*shorts, *longs])
    beyond, entries = b"", b""
    at = 8 + 2 + 12 * len(tags) + 4
    for tag in tags:
        if tag in longs:
            extra = sum(2 * len(v) for v in shorts.values() if len(v) > 2)
            value = at + extra if tag == 273 else longs[tag]
            entries += struct.pack(order + "HHII", tag, 4, 1, value)
            continue
        numbers = struct.pack(f"{order}{len(shorts[tag])}H", *shorts[tag])
        place = numbers.ljust(4, b"\0") if len(numbers) <= 4 else struct.pack(order + "I", at + len(beyond))
        beyond += numbers if len(numbers) > 4 else b""
        entries += struct.pack(order + "HHI", tag, 3, len(shorts[tag])) + place
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", len(tags))
    return head + entries + b"\0\0\0\0" + beyond + data


def tiffs():
    part = rgb.astype(np.float32) / 255
    keep("TIFF of floats", tiff(part, 2, 3, 32))
    keep("TIFF of floats, big-endian", tiff(part, 2, 3, 32, ">"))
    keep("TIFF of half floats", tiff(part.astype(np.float16), 2, 3, 16), 1)
    keep("TIFF of floats from 0 to 255", tiff(part * 255, 2, 3, 32), refused="outside of 0 to 1")
    keep("TIFF of floats with NaN", tiff(np.where(part > 0.9, np.float32("nan"), part), 2, 3, 32), refused="NaN is outside")
    keep("TIFF of doubles", tiff(part.astype(np.float64), 2, 3, 64), refused="floats of 64 bits")
    keep("TIFF of 16 bits", tiff(rgb.astype(np.uint16) * 257, 2, 1, 16))
    keep("TIFF of 32 bits", tiff(rgb.astype(np.uint32) << 24, 2, 1, 32), refused="integers of 32 bits")
    keep("TIFF of signed integers", tiff(rgb.astype(np.int16), 2, 2, 16), refused="signed integers of 16 bits")
    keep("TIFF of YCbCr", saved(picture.convert("YCbCr"), "TIFF"), refused="YCbCr without JPEG")
    keep("TIFF of YCbCr as JPEG", saved(picture.resize((48, 40), 0), "TIFF", compression="jpeg", quality=100), 12)
    space = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = np.asarray(ImageCms.applyTransform(picture, space))
    keep("TIFF of LAB", saved(Image.fromarray(lab, "LAB"), "TIFF"), refused="colours are LAB")
    keep("TIFF of ICC LAB", tiff(lab, 9, 1, 8), refused="colours are LAB")
    signed = lab.view(np.int8)[..., 1:].astype(np.int32) * 256
    wide = np.dstack([lab[..., 0].astype(np.int32) * 257, signed & 0xFFFF]).astype(np.uint16)
    keep("TIFF of LAB with 16 bits", tiff(wide, 8, 1, 16), refused="colours are LAB")


bmps()
tiffs()
grey = rgb[..., :1].astype(np.float32) / 255
files["TIFF of grey floats"] = {
    "file": base64.b64encode(tiff(grey, 1, 3, 32)).decode(),
    "tolerance": 0,
    "refused": None,
    "grey": True,
}
document = {"levels": rgb.ravel().tolist(), "files": files}
(here / "formats.json").write_text(json.dumps(document, indent=1).replace("\n  ", " ").replace("\n }", " }") + "\n")

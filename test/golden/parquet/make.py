"""Image data sets in Parquet as people write them, and what is in their rows.

    python -m venv .venv && .venv/bin/pip install pyarrow==26.0.1 datasets==5.2.0 pillow==13.0.0
    .venv/bin/python test/golden/parquet/make.py
"""

import hashlib
import io
import json
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

here = Path(__file__).parent
datasets.disable_progress_bars()


def png(number: int) -> bytes:
    """A 6 × 4 picture that no other number gives."""
    pixels = np.random.default_rng(number).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def expected(images, captions, **labels):
    rows = []
    for index, (image, texts) in enumerate(zip(images, captions)):
        row = {"sha256": hashlib.sha256(image).hexdigest(), "captions": texts}
        if labels:
            row["labels"] = {name: values[index] for name, values in labels.items()}
        rows.append(row)
    return rows


def hub():
    """What `Dataset.to_parquet` writes: struct of bytes and path, ClassLabel, fixed-size boxes."""
    images = [png(i) for i in range(10)]
    captions = [f"picture {i}, naïve 🍎" for i in range(10)]
    category = [i % 3 for i in range(10)]
    box = [[i / 16, 0.25, 0.75, 1.0] for i in range(10)]
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "text": datasets.Value("string"),
            "category": datasets.ClassLabel(names=["ant", "bee", "cat"]),
            "box": datasets.Sequence(datasets.Value("float32"), length=4),
        }
    )
    columns = {
        "image": [{"bytes": image, "path": f"{i}.png"} for i, image in enumerate(images)],
        "text": captions,
        "category": category,
        "box": box,
    }
    for shard, rows in enumerate([range(0, 7), range(7, 10)]):
        part = {name: [values[i] for i in rows] for name, values in columns.items()}
        dataset = datasets.Dataset.from_dict(part, features=features)
        dataset.to_parquet(str(here / f"hub-{shard:05}-of-00002.parquet"), batch_size=4)
    return expected(images, [[text] for text in captions], category=[[c] for c in category], box=box)


def lists(codec: str, page_index: bool):
    """Raw bytes, several captions a row; small row groups and pages."""
    images = [png(100 + i) for i in range(23)]
    captions = [[f"{i} said {k} times" for k in range(1 + i % 4)] for i in range(23)]
    table = pa.table({"captions": captions, "jpg": pa.array(images, pa.binary()), "other": list(range(23))})
    pq.write_table(
        table,
        here / f"lists-{codec}.parquet",
        compression=codec,
        row_group_size=9,
        data_page_size=256,
        write_batch_size=2,
        write_page_index=page_index,
        data_page_version="2.0" if page_index else "1.0",
    )
    return expected(images, captions)


def paths():
    """Names of files, which repeat and so are a dictionary."""
    names = [f"pictures/{i % 2}.png" for i in range(4)]
    (here / "pictures").mkdir(exist_ok=True)
    for i in range(2):
        (here / f"pictures/{i}.png").write_bytes(png(200 + i))
    captions = [f"path {i}" for i in range(4)]
    pq.write_table(pa.table({"image": names, "caption": captions}), here / "paths.parquet", compression="gzip")
    return expected([png(200 + i % 2) for i in range(4)], [[text] for text in captions])


def flawed():
    """Rows that cannot be used, between some that can."""
    image_type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    good = {"bytes": png(300), "path": None}
    rows = [
        (good, "good"),
        (None, "no image"),
        ({"bytes": None, "path": None}, "no image within"),
        ({"bytes": b"", "path": None}, "hollow"),
        (good, None),
        (good, "  "),
        ({"bytes": None, "path": "pictures/absent.png"}, "absent"),
        ({"bytes": None, "path": "pictures/1.png"}, "by path"),
        (good, "last"),
    ]
    table = pa.table({"image": pa.array([row[0] for row in rows], image_type), "caption": [row[1] for row in rows]})
    pq.write_table(table, here / "flawed.parquet", row_group_size=4)


def empty():
    table = pa.table({"image": pa.array([], pa.binary()), "caption": pa.array([], pa.string())})
    pq.write_table(table, here / "empty.parquet")


def statistics():
    """Pages whose headers hold the least and the greatest picture."""
    pixels = np.random.default_rng(0).integers(0, 256, (8, 26, 26, 3), dtype=np.uint8)
    images = []
    for own in pixels:
        buffer = io.BytesIO()
        Image.fromarray(own).save(buffer, format="PNG")
        images.append(buffer.getvalue())
    table = pa.table({"image": pa.array(images, pa.binary()), "caption": [f"noise {i}" for i in range(8)]})
    pq.write_table(table, here / "statistics.parquet", use_dictionary=False, data_page_size=4096, write_batch_size=1)


rows = {
    "hub": hub(),
    "lists-snappy": lists("snappy", False),
    "lists-zstd": lists("zstd", True),
    "lists-brotli": lists("brotli", False),
    "lists-lz4": lists("lz4", True),
    "paths": paths(),
}
flawed()
empty()
statistics()
(here / "rows.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")

"""Longer videos of each codec with their frames as PyAV decodes them, for `compare-videos.ts`. About 150 MB; not kept.

    .venv/bin/python test/golden/lerobot/videos.py OUT && npx tsx test/golden/lerobot/compare-videos.ts OUT

Environment as for `make.py`.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

out = Path(sys.argv[1])
out.mkdir(parents=True)
fps, count, height, width = 30, 200, 240, 320
open_groups = "keyint=48:min-keyint=48:open-gop=1:bframes=4:b-adapt=0:scenecut=0:log-level=error"
kinds = {
    "av1": ("libsvtav1", {"g": "2", "crf": "30", "preset": "12"}),
    "av1-long": ("libsvtav1", {"g": "60", "crf": "30", "preset": "12"}),
    "h264": ("libx264", {"g": "2", "crf": "30"}),
    "h264-long": ("libx264", {"g": "48", "bf": "3", "crf": "23"}),
    "hevc": ("libx265", {"g": "2", "crf": "30", "x265-params": "log-level=error"}),
    "hevc-open": ("libx265", {"crf": "26", "x265-params": open_groups}),
}
random = np.random.default_rng(0)
texture = random.integers(0, 256, (height * 2, width * 2, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)


def picture(number: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([(x * 255 // width + number * 5) % 256, (y * 255 // height + number * 3) % 256, (x + y + number) % 256], -1)
    pixels[40:140, 60:180] = texture[number : number + 100, 2 * number : 2 * number + 120]
    return pixels.astype(np.uint8)


for name, (codec, options) in kinds.items():
    with av.open(str(out / f"{name}.mp4"), "w") as container:
        stream = container.add_stream(codec, fps, options=options)
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with av.open(str(out / f"{name}.mp4")) as container, open(out / f"{name}.rgb", "wb") as rgb, open(out / f"{name}.yuv", "wb") as yuv:
        times = []
        for frame in container.decode(video=0):
            times.append(float(frame.pts * frame.time_base))
            rgb.write(frame.to_ndarray(format="rgb24").tobytes())
            yuv.write(frame.to_ndarray(format="yuv420p").tobytes())
    (out / f"{name}.json").write_text(json.dumps({"fps": fps, "height": height, "width": width, "times": times}))
    print(name, len(times), (out / f"{name}.mp4").stat().st_size)

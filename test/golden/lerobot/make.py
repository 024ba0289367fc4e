"""Robots' episodes as LeRobot writes them, and what its own reader finds in them; videos with their frames as PyAV decodes them.

Python 3.11; never a plain `pip install lerobot`, which fetches a CUDA build of torch:

    python3.11 -m venv .venv && P=.venv/bin/pip && $P install torch==2.13.0
    $P install --no-deps torchvision==0.28.0 lerobot==0.4.4 draccus==0.10.0
    $P install "datasets>=4,<5" "huggingface-hub>=0.34.2,<0.36" "numpy<2.4" "pandas<3" pyarrow "av>=15,<16" jsonlines einops \
        "opencv-python-headless<4.13" "gymnasium>=1.1.1,<2" "deepdiff<9" "packaging<26" termcolor tqdm pyserial "imageio[ffmpeg]" \
        mergedeep pyyaml-include typing-inspect toml "setuptools<81" pillow accelerate safetensors
    .venv/bin/python test/golden/lerobot/make.py
"""

import json
import os
import shutil
from fractions import Fraction
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
import torch

operators = torch.library.Library("torchvision", "DEF")  # which torchvision's wheel lacks beside a CPU build of torch
for operator in ("nms", "qnms"):
    operators.define(operator + "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from lerobot.datasets import lerobot_dataset
from lerobot.datasets.compute_stats import aggregate_stats
from lerobot.datasets.lerobot_dataset import LeRobotDataset
from PIL import Image

here = Path(__file__).parent
fps, lengths, tasks = 10, (6, 4, 5), ("push the T", "lift")
top, still = "observation.images.top", "observation.images.still"


def picture(number: int, height: int, width: int) -> np.ndarray:
    """Slopes of colour that move, and the number in eight stripes."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.stack([(x * 255 // width + number * 5) % 256, (y * 255 // height + number * 3) % 256, x * 0 + number * 9 % 256], -1)
    for bit in range(8):
        pixels[: height // 4, bit * width // 8 : (bit + 1) * width // 8] = 255 * (number >> bit & 1)
    return pixels.astype(np.uint8)


def names(*parts):
    return list(parts)


def write_v3(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    camera = names("height", "width", "channels")
    features = {
        top: {"dtype": "video", "shape": (48, 64, 3), "names": camera},
        still: {"dtype": "image", "shape": (12, 16, 3), "names": camera},
        "observation.state": {"dtype": "float32", "shape": (3,), "names": names("lift.pos", "turn.pos", "grip.pos")},
        "action": {"dtype": "float32", "shape": (2,), "names": names("x", "y")},
        "next.done": {"dtype": "bool", "shape": (1,), "names": None},
    }
    dataset = LeRobotDataset.create("local/tiny", fps=fps, features=features, root=root, robot_type="toy", use_videos=True)
    for episode, length in enumerate(lengths):
        for frame in range(length):
            number = episode * 16 + frame
            dataset.add_frame(
                {
                    top: picture(number, 48, 64),
                    still: picture(number, 12, 16),
                    "observation.state": np.array([episode, frame / 7, np.sin(number)], np.float32),
                    "action": np.array([frame, -number / 3], np.float32),
                    "next.done": np.array([frame == length - 1]),
                    "task": tasks[episode % 2],
                }
            )
        dataset.save_episode()
    dataset.finalize()
    shutil.rmtree(root / "images", ignore_errors=True)


def decode(path, times, tolerance, backend=None):
    """LeRobot's choice of frames, by PyAV: torchvision's reader, which it would ask, cannot be loaded here."""
    frames, found = [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            found.append(float(frame.pts * frame.time_base))
    distances = torch.cdist(torch.tensor(times)[:, None], torch.tensor(found)[:, None], p=1)
    least, nearest = distances.min(1)
    assert (least < tolerance).all()
    return torch.stack([torch.from_numpy(frames[i]).permute(2, 0, 1).float() / 255 for i in nearest])


def plain(value):
    return torch.as_tensor(value).tolist()


def items_of(root: Path, strip: Path) -> list:
    lerobot_dataset.decode_video_frames = decode
    windows = {"observation.state": [-0.2, -0.1, 0], "action": [0, 0.1, 0.2, 0.3], "next.done": [0.1]}
    dataset = LeRobotDataset("local/tiny", root=root, delta_timestamps=windows, video_backend="pyav")
    items, shown = [], []
    for item in (dataset[i] for i in range(len(dataset))):
        keys = [key + pad for key in windows for pad in ("", "_is_pad")]
        items.append({key: plain(item[key]) for key in (*keys, "episode_index", "frame_index", "timestamp")} | {"task": item["task"]})
        shown.append((item[top].permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))
        items[-1]["still"] = np.round(item[still].permute(1, 2, 0).numpy() * 255).astype(int).flatten().tolist()[:48]
    Image.fromarray(np.concatenate(shown)).save(strip, optimize=True)
    return items


def statistics_of(stats) -> dict:
    wanted = ("observation.state", "action", top, still)
    return {key: {name: np.ravel(stats[key][name]).tolist() for name in stats[key] if name != "count"} for key in wanted if key in stats}


def write_video(path: Path, codec: str, options: dict, pictures, pixels="yuv420p") -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, fps, options=options)
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], pixels
        for number, shown in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def strip_of(video: Path, strip: Path) -> None:
    with av.open(str(video)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    Image.fromarray(np.concatenate(frames)).save(strip, optimize=True)


def write_broken(table: pa.Table) -> None:
    """The first episode with an action that is no number in frame 3, and with a frame that comes late."""
    actions = table["action"].to_pylist()
    actions[3][1] = float("nan")
    times = table["timestamp"].to_pylist()
    times[4:] = [time + 0.03 for time in times[4:]]
    for name, column, values in (("nan", "action", actions), ("late", "timestamp", times)):
        at = table.schema.get_field_index(column)
        changed = table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))
        pq.write_table(changed.replace_schema_metadata(None), here / f"{name}.parquet")


def write_v21(root: Path, v3: Path) -> dict:
    """The same episodes as version 2.1 laid them down: a file each, statistics of each."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "meta").mkdir(parents=True)
    info = json.loads((v3 / "meta/info.json").read_text())
    del info["features"][still], info["data_files_size_in_mb"], info["video_files_size_in_mb"]
    info["codebase_version"] = "v2.1"
    info["data_path"] = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
    info["video_path"] = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    info |= {"total_chunks": 1, "total_videos": len(lengths)}
    (root / "meta/info.json").write_text(json.dumps(info, indent=1))
    table = pq.read_table(v3 / "data/chunk-000/file-000.parquet").drop_columns([still])
    lines = {"episodes": [], "tasks": [], "episodes_stats": []}
    index = {name: number for name, number in zip(pq.read_table(v3 / "meta/tasks.parquet").to_pandas().index, range(2))}
    lines["tasks"] = [{"task_index": number, "task": name} for name, number in index.items()]
    episodes = pq.read_table(v3 / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    gathered = []
    for episode, length in enumerate(lengths):
        start = sum(lengths[:episode])
        path = root / info["data_path"].format(episode_chunk=0, episode_index=episode)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table.slice(start, length).replace_schema_metadata(None), path)
        video = root / info["video_path"].format(episode_chunk=0, video_key=top, episode_index=episode)
        video.parent.mkdir(parents=True, exist_ok=True)
        write_video(video, "libx264", {"g": "2", "crf": "30"}, [picture(episode * 16 + i, 48, 64) for i in range(length)])
        lines["episodes"].append({"episode_index": episode, "tasks": [tasks[episode % 2]], "length": length})
        kept = ("observation.state", "action", top)
        stats = {
            key: {name: episodes[episode][f"stats/{key}/{name}"] for name in ("min", "max", "mean", "std", "count")} for key in kept
        }
        lines["episodes_stats"].append({"episode_index": episode, "stats": stats})
        gathered.append({key: {name: np.array(value) for name, value in own.items()} for key, own in stats.items()})
    write_broken(table.slice(0, lengths[0]))
    for name, rows in lines.items():
        (root / f"meta/{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return statistics_of(aggregate_stats(gathered))


write_v3(here / "v3.0")
expected = {"items": items_of(here / "v3.0", here / "v3.0.png")}
expected["statistics"] = statistics_of(LeRobotDataset("local/tiny", root=here / "v3.0").meta.stats)
expected["joined"] = write_v21(here / "v2.1", here / "v3.0")
(here / "expected.json").write_text(json.dumps(expected))

shown = [picture(number, 48, 64) for number in range(13)]
open_groups = {"crf": "28", "x265-params": "keyint=6:min-keyint=6:open-gop=1:bframes=3:b-adapt=0:scenecut=0:log-level=error"}
for name, codec, options in (
    ("h264", "libx264", {"crf": "28", "g": "6", "bf": "2"}),
    ("hevc", "libx265", open_groups),
):
    write_video(here / f"{name}.mp4", codec, options, shown)
    strip_of(here / f"{name}.mp4", here / f"{name}.png")

"""Small MCAP files written by the Python libraries of MCAP and ROS 2's messages, and the values that stand in them.

    pip install mcap==1.6.0 mcap-ros2-support==0.6.0 numpy pillow
    python make.py

zstd.mcap, lz4.mcap, plain.mcap hold the same episode, in chunks of that compression; json.mcap holds Foxglove's messages in JSON.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
from mcap.writer import CompressionType, Writer as JsonWriter
from mcap_ros2.writer import Writer
from PIL import Image

HERE = Path(__file__).parent
LINE = "=" * 80
TIME = f"{LINE}\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
HEADER = f"{LINE}\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n{TIME}"
SCHEMAS = {
    "sensor_msgs/msg/Image": "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\n"
    f"uint32 step\nuint8[] data\n{HEADER}",
    "sensor_msgs/msg/CompressedImage": f"std_msgs/Header header\nstring format\nuint8[] data\n{HEADER}",
    "sensor_msgs/msg/JointState": "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\n"
    f"float64[] effort\n{HEADER}",
    "std_msgs/msg/Float64MultiArray": f"std_msgs/MultiArrayLayout layout\nfloat64[] data\n{LINE}\nMSG: std_msgs/MultiArrayLayout\n"
    f"std_msgs/MultiArrayDimension[] dim\nuint32 data_offset\n{LINE}\nMSG: std_msgs/MultiArrayDimension\nstring label\n"
    "uint32 size\nuint32 stride\n",
    "std_msgs/msg/String": "string data\n",
    "std_msgs/msg/Bool": "bool data\n",
    "geometry_msgs/msg/Twist": f"geometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular\n{LINE}\n"
    "MSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n",
}
START = 1_700_000_000_000_000_000
MS = 1_000_000
JOINTS = ["wrist", "elbow", "shoulder"]  # not in the order of the feature


def pixels(camera: int, frame: int) -> np.ndarray:
    return np.random.default_rng(100 * camera + frame).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def png(picture: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    return stream.getvalue()


def header(time: int) -> dict:
    return {"stamp": {"sec": time // 10**9, "nanosec": time % 10**9}, "frame_id": "camera"}


def joints(index: int) -> dict:
    return {"name": JOINTS, "position": [0.1 * index + j for j in range(3)], "velocity": [0.01 * index] * 3, "effort": []}


def raw(encoding: str, picture: np.ndarray, time: int) -> dict:
    order = {"rgb8": picture, "bgr8": picture[:, :, ::-1], "mono8": picture[:, :, :1]}[encoding]
    rows = order.reshape(6, -1)
    padded = np.concatenate([rows, np.full((6, 2), 77, np.uint8)], axis=1)  # rows may be longer than their pixels
    return {
        "header": header(time), "height": 6, "width": 8, "encoding": encoding, "is_bigendian": 0,
        "step": padded.shape[1], "data": padded.tobytes(),
    }


def episode(file: Path, compression: CompressionType) -> None:
    """Joints at 100 Hz from 0 ms, cameras at 10 Hz from 23 ms, actions at 20 Hz, 0.5 s; commands at 5 and 320 ms."""
    events = []
    for i in range(51):
        time = START + i * 10 * MS
        events.append((time, "/joint_states", "sensor_msgs/msg/JointState", {"header": header(time), **joints(i)}))
    for i in range(11):
        time = START + i * 50 * MS
        layout = {"dim": [], "data_offset": 0}
        events.append((time, "/command", "std_msgs/msg/Float64MultiArray", {"layout": layout, "data": [i, -i / 3]}))
        vector = {"x": i / 8, "y": 0.0, "z": 0.0}
        twist = {"linear": vector, "angular": {"x": 0.0, "y": 0.0, "z": -i / 16}}
        events.append((time, "/cmd_vel", "geometry_msgs/msg/Twist", twist))
    for i in range(5):
        time = START + (23 + i * 100) * MS
        for camera, encoding in enumerate(["rgb8", "bgr8", "mono8"]):
            events.append((time, f"/{encoding}", "sensor_msgs/msg/Image", raw(encoding, pixels(camera, i), time)))
        compressed = {"header": header(time), "format": "png", "data": png(pixels(3, i))}
        events.append((time, "/compressed", "sensor_msgs/msg/CompressedImage", compressed))
    for time, text in [(5, "grüß die Tasse"), (320, "push the block")]:
        events.append((START + time * MS, "/task", "std_msgs/msg/String", {"data": text}))
    for time, value in [(100, True), (200, False), (300, True), (400, False)]:
        events.append((START + time * MS, "/recording", "std_msgs/msg/Bool", {"data": value}))
    writer = Writer(str(file), chunk_size=4096, compression=compression)
    schemas = {name: writer.register_msgdef(name, text) for name, text in SCHEMAS.items()}
    for time, topic, schema, message in sorted(events, key=lambda event: event[0]):
        writer.write_message(topic, schemas[schema], message, log_time=time, publish_time=time)
    writer.finish()


def json_episode(file: Path) -> None:
    with file.open("wb") as stream:
        writer = JsonWriter(stream)
        writer.start()
        channels = {}
        for topic, schema in [("/joints", "foxglove.JointStates"), ("/camera", "foxglove.RawImage"), ("/png", "foxglove.CompressedImage")]:
            number = writer.register_schema(schema, "jsonschema", json.dumps({"type": "object"}).encode())
            channels[topic] = writer.register_channel(topic, "json", number)
        for i in range(3):
            picture = pixels(0, i)
            messages = {
                "/joints": {"joints": [{"name": n, "position": 0.1 * i + j} for j, n in enumerate(JOINTS)]},
                "/camera": {"width": 8, "height": 6, "encoding": "rgb8", "step": 24, "data": base64.b64encode(picture.tobytes()).decode()},
                "/png": {"format": "png", "data": base64.b64encode(png(pixels(1, i))).decode()},
            }
            for topic, message in messages.items():
                writer.add_message(channels[topic], START + i * 100 * MS, json.dumps(message).encode(), START + i * 100 * MS)
        writer.finish()


def expected() -> list[dict]:
    """Frames at 20 a second from 23 ms on: the latest message at or before each tick."""
    frames = []
    for k in range(9):  # cameras end at 423 ms
        ms = 23 + 50 * k
        state, action, camera = ms // 10, ms // 50, (ms - 23) // 100
        names = ["shoulder", "elbow", "wrist"]
        frames.append({
            "task": "grüß die Tasse" if ms < 320 else "push the block",
            "observation.state": [joints(state)["position"][JOINTS.index(n)] for n in names],
            "observation.velocity": joints(state)["velocity"],
            "action": [action, -action / 3],
            "observation.twist": [action / 8, -action / 16],
            **{name: pixels(i, camera).flatten().tolist() for i, name in enumerate(["rgb8", "bgr8"])},
            "mono8": np.repeat(pixels(2, camera)[:, :, :1], 3, axis=2).flatten().tolist(),
            "compressed": pixels(3, camera).flatten().tolist(),
        })
    return frames


if __name__ == "__main__":
    for name, compression in [("zstd", CompressionType.ZSTD), ("lz4", CompressionType.LZ4), ("plain", CompressionType.NONE)]:
        episode(HERE / f"{name}.mcap", compression)
    json_episode(HERE / "json.mcap")
    (HERE / "expected.json").write_text(json.dumps(expected()) + "\n")

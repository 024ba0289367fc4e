"""Read ours.mcap, which our writer wrote, with the Python libraries of MCAP and ROS 2's messages, and compare its values.

    pip install mcap==1.6.0 mcap-ros2-support==0.6.0 numpy pillow
    python read.py
"""

import io
import json
from pathlib import Path

import numpy as np
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from PIL import Image

HERE = Path(__file__).parent
expected = json.loads((HERE / "expected.json").read_text())[::4]  # 5 frames a second of 20
found: dict[str, list] = {}
with (HERE / "ours.mcap").open("rb") as stream:
    reader = make_reader(stream, validate_crcs=True, decoder_factories=[DecoderFactory()])
    assert reader.get_header().profile == "ros2"
    for schema, channel, message, decoded in reader.iter_decoded_messages():
        found.setdefault(channel.topic, []).append((message.log_time, decoded))

tasks = [frame["task"] for frame in expected]
changes = [(i, task) for i, task in enumerate(tasks) if i == 0 or task != tasks[i - 1]]
assert [(time, text.data) for time, text in found["/task"]] == [(i * 200_000_000, task) for i, task in changes]
for i, frame in enumerate(expected):
    time = i * 200_000_000
    at, state = found["/observation/state"][i]
    assert at == time and state.header.stamp.sec * 10**9 + state.header.stamp.nanosec == time
    assert list(state.name) == ["Schulter", "Ellbogen", "Gelenk ü"], state.name
    assert list(state.position) == frame["observation.state"], (state.position, frame)
    at, action = found["/action"][i]
    assert at == time and list(action.data) == frame["action"] and action.layout.dim[0].size == 2
    at, picture = found["/observation/images/top"][i]
    assert at == time and picture.format == "png" and picture.header.frame_id == "observation.images.top"
    pixels = np.asarray(Image.open(io.BytesIO(bytes(picture.data))))
    assert pixels.flatten().tolist() == frame["compressed"]
assert {topic: len(messages) for topic, messages in found.items()} == {
    "/task": len(changes), "/observation/state": 3, "/action": 3, "/observation/images/top": 3,
}
print("equal:", {topic: len(messages) for topic, messages in found.items()})

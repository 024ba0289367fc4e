"""Golden event file for src/report/tensorboard.ts, written by TensorBoard itself.
Run with Python and tensorboard: python tensorboard-events.py"""

import base64
import io
import json
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

here = Path(__file__).parent

events = [
    {"wallTime": 1700000001.5, "step": 1, "scalars": {"train/loss": 5.25, "train/learningRate": 0.001}},
    {"wallTime": 1700000002.75, "step": 7_000_000_000, "scalars": {"Prüfung/R@1": 0.0}},
]


def record(event):
    stream = io.BytesIO()
    RecordWriter(stream).write(event.SerializeToString())
    return base64.b64encode(stream.getvalue()).decode()


def event_of(wallTime, step, scalars):
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
    return Event(wall_time=wallTime, step=step, summary=Summary(value=values))


start = {"wallTime": 1700000003.0, "step": 41}
began = SessionLog(status=SessionLog.START)

golden = {
    "version": {"wallTime": 1700000000.25, "record": record(Event(wall_time=1700000000.25, file_version="brain.Event:2"))},
    "start": {"event": start, "record": record(Event(wall_time=start["wallTime"], step=start["step"], session_log=began))},
    "events": [{"event": event, "record": record(event_of(**event))} for event in events],
}
(here / "tensorboard-events.json").write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")

"""A server of an image tower as one writes it with FastAPI and onnxruntime: an endpoint in the thread pool, one worker.

usage: serve_fastapi.py BUNDLE
Prints its port. `POST /v1/embed` takes {"images": [{"base64": ...}]} and answers {"images": [[...]]}, unit vectors.
"""

import base64
import io
import json
import socket
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI
from PIL import Image
from pydantic import BaseModel

bundle = Path(sys.argv[1])
processor = json.loads((bundle / "preprocessor_config.json").read_text())
mean = np.array(processor["image_mean"], dtype=np.float32)
std = np.array(processor["image_std"], dtype=np.float32)
session = onnxruntime.InferenceSession(
    str(bundle / "onnx/vision_model.onnx"), providers=["CPUExecutionProvider"]
)
app = FastAPI()


class Picture(BaseModel):
    base64: str


class EmbedRequest(BaseModel):
    images: list[Picture]


def pixels_of(picture: Picture) -> np.ndarray:
    image = Image.open(io.BytesIO(base64.b64decode(picture.base64))).convert("RGB")
    return ((np.asarray(image, dtype=np.float32) / 255 - mean) / std).transpose(2, 0, 1)


@app.post("/v1/embed")
def embed(request: EmbedRequest) -> dict[str, list[list[float]]]:
    pixels = np.stack([pixels_of(picture) for picture in request.images])
    (features,) = session.run(None, {"pixel_values": pixels})
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return {"images": features.tolist()}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(2048)  # who asks before the server runs waits for it
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])

"""Ask a server with tritonclient over HTTP, by JSON and by binary data, and print what came back as JSON.

usage: triton_session.py HOST:PORT SIDE
"""

import io
import json
import sys

import numpy as np
import tritonclient.http as triton
from PIL import Image
from tritonclient.utils import InferenceServerException

client = triton.InferenceServerClient(sys.argv[1])
side = int(sys.argv[2])
pixels = np.random.RandomState(1).rand(2, 3, side, side).astype(np.float32)


def infer(binary_in: bool, binary_out: bool):
    tensor = triton.InferInput("pixel_values", list(pixels.shape), "FP32")
    tensor.set_data_from_numpy(pixels, binary_data=binary_in)
    asked = [triton.InferRequestedOutput("image_embeds", binary_data=binary_out)]
    return client.infer("vision_model", [tensor], outputs=asked, request_id="7").as_numpy("image_embeds")


results = [infer(a, b) for a in (True, False) for b in (True, False)]
tensor = triton.InferInput("pixel_values", list(pixels.shape), "FP32")
tensor.set_data_from_numpy(pixels)
default = client.infer("vision_model", [tensor]).as_numpy("image_embeds")

text = triton.InferInput("text", [2], "BYTES")
text.set_data_from_numpy(np.array(["a red car", "a dog"], dtype=object))
texts = client.infer("embed_text", [text]).as_numpy("embedding")

file = io.BytesIO()
Image.fromarray(np.full((side, side, 3), 90, dtype=np.uint8)).save(file, "PNG")
image = triton.InferInput("image", [1], "BYTES")
image.set_data_from_numpy(np.array([file.getvalue()], dtype=object))
images = client.infer("embed_image", [image]).as_numpy("embedding")

try:
    wrong = triton.InferInput("pixel_values", [1, 3, side, side + 1], "FP32")
    wrong.set_data_from_numpy(np.zeros((1, 3, side, side + 1), dtype=np.float32))
    client.infer("vision_model", [wrong])
    error = None
except InferenceServerException as refused:
    error = {"message": refused.message(), "status": refused.status()}

print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready() and client.is_model_ready("vision_model"),
            "server": client.get_server_metadata(),
            "model": client.get_model_metadata("vision_model"),
            "pixels": pixels.flatten().tolist(),
            "same": bool(all(np.allclose(result, default, atol=1e-6) for result in results)),
            "features": default.tolist(),
            "texts": texts.tolist(),
            "images": images.tolist(),
            "error": error,
        }
    )
)

"""Drive a server with openpi-client as a LIBERO robot does, and print what came back as JSON.

usage: openpi_client_session.py HOST PORT SEED [API_KEY]
"""

import json
import sys

import numpy as np
from openpi_client import action_chunk_broker, image_tools, websocket_client_policy

host, port, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
key = sys.argv[4] if len(sys.argv) > 4 else None

policy = websocket_client_policy.WebsocketClientPolicy(host, port, api_key=key)
random = np.random.RandomState(seed)
image = random.randint(0, 256, (48, 64, 3), dtype=np.uint8)
observation = {
    "observation/state": np.zeros(8),
    "observation/image": image_tools.convert_to_uint8(image_tools.resize_with_pad(image, 32, 32)),
    "observation/wrist_image": image_tools.resize_with_pad(image, 224, 224),
    "prompt": "pick up the red cup",
}
first = policy.infer(observation)
second = policy.infer(observation)
broker = action_chunk_broker.ActionChunkBroker(policy, action_horizon=1)
step = broker.infer(observation)
broker.reset()

try:
    policy.infer({"prompt": "pick up the red cup"})
    error = None
except RuntimeError as refused:
    error = str(refused)

print(
    json.dumps(
        {
            "metadata": policy.get_server_metadata(),
            "pixels": observation["observation/image"].flatten().tolist(),
            "actions": first["actions"].tolist(),
            "dtype": first["actions"].dtype.str,
            "writable": bool(first["actions"].flags.c_contiguous),
            "keys": sorted(first),
            "timing": second["server_timing"],
            "step": step["actions"].tolist(),
            "grasp": step["predictions"]["grasp"].tolist(),
            "error": error,
        }
    )
)

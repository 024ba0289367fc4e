"""openpi's server (src/openpi/serving/websocket_policy_server.py) with openpi-client's codec and a policy of three lines.

The policy answers a chunk of four steps: the mean of the image, the sum of the state and the number of the step; it fails
for the prompt "fail". Prints its port.
"""

import asyncio
import http
import time
import traceback

import numpy as np
import websockets.asyncio.server as server_module
import websockets.frames
from openpi_client import msgpack_numpy


def infer(obs: dict) -> dict:
    if obs["prompt"] == "fail":
        raise KeyError("no such task")
    row = [float(obs["observation/image"].mean()), float(obs["observation/state"].sum())]
    return {"actions": np.array([[*row, step] for step in range(4)]), "state": obs["observation/state"]}


async def handler(websocket) -> None:
    packer = msgpack_numpy.Packer()
    await websocket.send(packer.pack({"reset_pose": [0, -1.5, 1.5, 0, 0, 0]}))
    prev_total_time = None
    while True:
        try:
            start_time = time.monotonic()
            obs = msgpack_numpy.unpackb(await websocket.recv())
            infer_time = time.monotonic()
            action = infer(obs)
            infer_time = time.monotonic() - infer_time
            action["server_timing"] = {"infer_ms": infer_time * 1000}
            if prev_total_time is not None:
                action["server_timing"]["prev_total_ms"] = prev_total_time * 1000
            await websocket.send(packer.pack(action))
            prev_total_time = time.monotonic() - start_time
        except websockets.ConnectionClosed:
            break
        except Exception:
            await websocket.send(traceback.format_exc())
            await websocket.close(
                code=websockets.frames.CloseCode.INTERNAL_ERROR,
                reason="Internal server error. Traceback included in previous frame.",
            )
            raise


def health_check(connection, request):
    if request.path == "/healthz":
        return connection.respond(http.HTTPStatus.OK, "OK\n")
    return None


async def run() -> None:
    async with server_module.serve(
        handler, "127.0.0.1", 0, compression=None, max_size=None, process_request=health_check
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


asyncio.run(run())

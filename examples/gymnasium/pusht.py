"""PushT of gym-pusht beside Visuomotor: record demonstrations, and judge a policy that `visuomotor serve` answers.

    python pusht.py record --episodes 150 | npx visuomotor data record pusht-demos
    python pusht.py judge --policy ws://127.0.0.1:8000 --episodes 50
    python pusht.py judge --policy expert --episodes 50
    python pusht.py judge --policy random --episodes 50

The environment is the client of openpi's protocol: it sends what it sees and feels, and carries out the first actions of the chunk
that comes back.
"""

import argparse
import base64
import io
import json
import math
import os
import sys
import warnings

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
warnings.filterwarnings("ignore")

import gym_pusht  # noqa: E402, F401
import gymnasium as gym  # noqa: E402
import numpy as np  # noqa: E402
from openpi_client.action_chunk_broker import ActionChunkBroker  # noqa: E402
from openpi_client.websocket_client_policy import WebsocketClientPolicy  # noqa: E402
from PIL import Image  # noqa: E402

from expert import Expert  # noqa: E402

TASK = "push the T onto its place"
CAMERA = "observation.images.top"
JUDGED_FROM = 100_000  # seeds of judged episodes; recorded ones begin at 0
NAMES = ["agent_x", "agent_y", *(f"corner_{i}_{axis}" for i in range(8) for axis in "xy")]


def make() -> gym.Env:
    env = gym.make("gym_pusht/PushT-v0", obs_type="pixels_agent_pos", observation_width=64, observation_height=64)
    return env.unwrapped


def seen(env: gym.Env, observation: dict) -> dict:
    """What a policy reads, under the keys of the data: the picture, the pusher and the corners of the T."""
    corners = env.get_keypoints(env._block_shapes).flatten()
    state = np.concatenate([observation["agent_pos"], corners]).astype(np.float32)
    return {CAMERA: observation["pixels"], "observation.state": state, "prompt": TASK}


class FromExpert:
    """The scripted expert, which reads the state of the simulator itself."""

    def __init__(self, env: gym.Env) -> None:
        self.env, self.expert = env, Expert()

    def reset(self) -> None:
        self.expert.reset()

    def infer(self, _seen: dict) -> dict:
        return {"actions": self.expert.act(self.env)}


class AtRandom:
    """A place anywhere, for eight steps each."""

    def __init__(self, seed: int = 0) -> None:
        self.random, self.step = np.random.default_rng(seed), 0

    def reset(self) -> None:
        self.step = 0

    def infer(self, _seen: dict) -> dict:
        if self.step % 8 == 0:
            self.target = self.random.uniform(20, 492, 2)
        self.step += 1
        return {"actions": self.target}


def play(env: gym.Env, policy, seed: int, steps: int, on_frame=lambda seen, action: None) -> tuple[bool, float, int]:
    """One episode: whether the T lay in its place (95 % of it), the most of it that ever did, and the steps."""
    observation, _ = env.reset(seed=seed)
    policy.reset()
    best = 0.0
    for step in range(steps):
        frame = seen(env, observation)
        action = np.asarray(policy.infer(frame)["actions"], dtype=np.float64)
        on_frame(frame, action)
        observation, _, terminated, _, info = env.step(action)
        best = max(best, float(info["coverage"]))
        if terminated:
            return True, best, step + 1
    return False, best, steps


def record(episodes: int, first: int, steps: int) -> None:
    """Lines for `visuomotor data record`: episodes of the expert that succeed."""
    env = make()
    policy = FromExpert(env)
    features = {
        "observation.state": {"dtype": "float32", "shape": [len(NAMES)], "names": NAMES},
        "action": {"dtype": "float32", "shape": [2], "names": ["x", "y"]},
        CAMERA: {"dtype": "image", "shape": [64, 64, 3]},
    }
    print(json.dumps({"fps": 10, "robotType": "pusht", "features": features}), flush=True)

    def write(frame: dict, action: np.ndarray) -> None:
        picture = io.BytesIO()
        Image.fromarray(frame[CAMERA]).save(picture, "PNG")
        line = {"task": TASK, "observation.state": frame["observation.state"].tolist(), "action": action.tolist()}
        print(json.dumps({**line, CAMERA: {"base64": base64.b64encode(picture.getvalue()).decode()}}))

    for seed in range(first, first + episodes):
        success, best, count = play(env, policy, seed, steps, write)
        print(json.dumps({"end": "save" if success else "discard"}), flush=True)
        print(f"seed {seed}: {'saved' if success else 'discarded'}, {count} steps, {best:.2f}", file=sys.stderr, flush=True)


def wilson(successes: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927)."""
    rate, spread = successes / count, z * z / count
    middle = (rate + spread / 2) / (1 + spread)
    half = z * math.sqrt(rate * (1 - rate) / count + spread / (4 * count)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def judge(name: str, episodes: int, steps: int, horizon: int) -> None:
    env = make()
    if name == "expert":
        policy = FromExpert(env)
    elif name == "random":
        policy = AtRandom()
    else:
        client = WebsocketClientPolicy(name)
        print(f"the server answers {client.get_server_metadata()}", file=sys.stderr)
        policy = ActionChunkBroker(client, action_horizon=horizon)
    outcomes = []
    for seed in range(JUDGED_FROM, JUDGED_FROM + episodes):
        outcomes.append(play(env, policy, seed, steps))
        print(f"seed {seed}: {outcomes[-1]}", file=sys.stderr, flush=True)
    successes = sum(success for success, _, _ in outcomes)
    low, high = wilson(successes, episodes)
    print(json.dumps({
        "policy": name, "episodes": episodes, "successes": successes, "rate": round(successes / episodes, 3),
        "interval": [round(low, 3), round(high, 3)], "coverage": round(float(np.mean([best for _, best, _ in outcomes])), 3),
    }))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["record", "judge"])
    parser.add_argument("--policy", default="ws://127.0.0.1:8000", help="the address of a server, expert, or random")
    parser.add_argument("--episodes", type=int, default=50)
    parser.add_argument("--first", type=int, default=0, help="seed of the first recorded episode")
    parser.add_argument("--steps", type=int, default=300, help="steps of an episode at most")
    parser.add_argument("--horizon", type=int, default=8, help="actions of a chunk that are carried out")
    given = parser.parse_args()
    if given.what == "record":
        record(given.episodes, given.first, given.steps)
    else:
        judge(given.policy, given.episodes, given.steps, given.horizon)

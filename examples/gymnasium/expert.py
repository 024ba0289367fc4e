"""A scripted expert of PushT: it tries every push in a copy of the world and carries out the best.

A push goes against an edge of the T, at right angles. The copy tells where the T would lie after each step of it; the push and the step
are taken whose T lies nearest to the goal, by the mean distance of its corners.
"""

import numpy as np
from gym_pusht.envs.pusht import PushTEnv
from shapely.geometry import LineString, Polygon

# Outline of the T in its own frame, pixels: a bar of 120 x 30, a stem of 30 x 90.
CORNERS = np.array([(-60, 0), (60, 0), (60, 30), (15, 30), (15, 120), (-15, 120), (-15, 30), (-60, 30)], float)
# Points to push at, with the directions out of the T.
CONTACTS = [
    *[((x, 0), (0, -1)) for x in (-52, -35, -17, 0, 17, 35, 52)],
    *[((side * 60, 15), (side, 0)) for side in (-1, 1)],
    *[((side * x, 30), (0, 1)) for side in (-1, 1) for x in (38, 52)],
    *[((side * 15, y), (side, 0)) for side in (-1, 1) for y in (60, 85, 112)],
    *[((x, 120), (0, 1)) for x in (-8, 8)],
]
AGENT = 15  # radius of the pusher
FREE = 22  # pixels a step where it moves freely
SPEEDS = (4.0, 10.0)  # pixels a step while it pushes
LONGEST = 14  # steps of a push


def rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def corners(x: float, y: float, angle: float) -> np.ndarray:
    return CORNERS @ rotation(angle).T + (x, y)


GOAL = corners(256, 256, np.pi / 4)


class Expert:
    """Actions for the state [agent x, y, block x, y, angle] of an environment, and its agent's velocity."""

    def __init__(self, seed: int = 0) -> None:
        self.copy = PushTEnv(obs_type="state")
        self.copy.reset(seed=0)
        self.random = np.random.default_rng(seed)
        self.plan: list[np.ndarray] = []

    def reset(self) -> None:
        self.plan = []

    def act(self, env: PushTEnv) -> np.ndarray:
        if not self.plan:
            self.plan = self._best(env)
        return self.plan.pop(0)

    def _best(self, env: PushTEnv) -> list[np.ndarray]:
        state = np.array([*env.agent.position, *env.block.position, env.block.angle])
        best, best_cost = None, np.inf
        for contact, normal in CONTACTS:
            approach = self._approach(state, np.array(contact, float), np.array(normal, float))
            if approach is None:
                continue
            for speed in SPEEDS:
                plan, cost = self._try(state, approach, contact, normal, speed)
                if cost < best_cost:
                    best, best_cost = plan, cost
        return best if best is not None else [np.clip(state[:2] + self.random.uniform(-60, 60, 2), 30, 480)]

    def _approach(self, state: np.ndarray, contact: np.ndarray, normal: np.ndarray) -> list[np.ndarray] | None:
        """Targets on the way to a point before the contact, around the T."""
        agent, block, angle = state[:2], state[2:4], state[4]
        turn = rotation(angle)
        out = turn @ normal
        goal = turn @ contact + block + out * (AGENT + 6)
        if not np.all((goal > 22) & (goal < 490)):
            return None
        wall = Polygon(corners(*block, angle)).buffer(AGENT + 1)
        center = turn @ np.array([0, 45.0]) + block
        corners_of_way = self._around(agent, goal, wall, center)
        if corners_of_way is None:
            return None
        targets, at = [], agent
        for corner in corners_of_way:
            steps = max(1, int(np.ceil(np.linalg.norm(corner - at) / FREE)))
            targets += [at + (corner - at) * (i + 1) / steps for i in range(steps)]
            at = corner
        return [*targets, at]  # a step to come to rest

    def _around(self, agent, goal, wall, center) -> list[np.ndarray] | None:
        if not LineString([agent, goal]).intersects(wall):
            return [goal]
        begin, end = [np.arctan2(*(point - center)[::-1]) for point in (agent, goal)]
        ways = []
        for turn in ((end - begin) % (2 * np.pi), (end - begin) % (2 * np.pi) - 2 * np.pi):
            count = max(2, int(abs(turn) / 0.4) + 1)
            arc = [center + 112 * np.array([np.cos(a), np.sin(a)]) for a in begin + turn * np.linspace(0, 1, count)]
            way = [np.clip(point, 24, 488) for point in arc] + [goal]
            ways.append((LineString([agent, *way]).length, way))
        for _, way in sorted(ways, key=lambda pair: pair[0]):
            if not LineString(way).intersects(wall.buffer(-3)):
                return way
        return None

    def _try(self, state, approach, contact, normal, speed) -> tuple[list[np.ndarray], float]:
        """The plan up to the step of a push after which the T lies best, and how far it is from the goal then."""
        copy = self.copy
        copy.block.angle, copy.block.position = float(state[4]), tuple(state[2:4])
        copy.agent.position, copy.agent.velocity = tuple(state[:2]), (0, 0)
        copy.block.velocity, copy.block.angular_velocity = (0, 0), 0
        copy.space.reindex_shapes_for_body(copy.block)
        copy.space.reindex_shapes_for_body(copy.agent)
        for target in approach:
            self._step(target)
        direction = -(rotation(state[4]) @ np.array(normal, float))
        plan, best, best_cost, at = list(approach), len(approach), np.inf, approach[-1]
        for _ in range(LONGEST):
            at = np.clip(at + speed * direction, 10, 502)
            plan.append(at)
            self._step(at)
            lies = corners(*copy.block.position, copy.block.angle)
            cost = np.linalg.norm(lies - GOAL, axis=1).mean()
            if cost < best_cost - 0.05:
                best, best_cost = len(plan), cost
        still = len(approach)
        return plan[: max(best, still + 1)], best_cost

    def _step(self, action) -> None:
        """A step of the environment, which leaves out what only its rewards need."""
        agent, dt = self.copy.agent, self.copy.dt
        x, y = float(action[0]), float(action[1])
        for _ in range(10):
            (px, py), (vx, vy) = agent.position, agent.velocity
            agent.velocity = (vx + (100 * (x - px) - 20 * vx) * dt, vy + (100 * (y - py) - 20 * vy) * dt)
            self.copy.space.step(dt)

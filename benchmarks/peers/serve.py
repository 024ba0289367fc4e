"""The life of a child of the benchmark, as contestants/serve.ts: JSON lines in by stdin, out by descriptor 3."""

import json
import sys
from time import perf_counter


def serve(first: dict, answer) -> None:
    with open(3, "w") as replies:
        print(json.dumps(first), file=replies, flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), file=replies, flush=True)


def timed(count: int, run) -> list[float]:
    """Milliseconds that each of `count` runs takes, one after the other."""
    milliseconds = []
    for _ in range(count):
        start = perf_counter()
        run()
        milliseconds.append((perf_counter() - start) * 1000)
    return milliseconds

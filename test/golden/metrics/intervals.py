"""Golden values of exact tests and percentiles: SciPy and NumPy."""

import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, bootstrap

random = np.random.default_rng(14)


def exact_test(first, second):
    """p of first and second discordant samples; without any there is nothing to test."""
    p = binomtest(first, first + second, 0.5).pvalue if first + second else 1.0
    return {"onlyFirst": first, "onlySecond": second, "p": float(p)}


values = np.float32(random.exponential(size=60)).astype(float)
interval = bootstrap((values,), np.mean, n_resamples=200_000, method="percentile", random_state=1).confidence_interval
sorted_values = np.sort(values)
golden = {
    "values": values.tolist(),
    "mean": float(values.mean()),
    "interval": [float(interval.low), float(interval.high)],
    "percentiles": {str(q): float(np.percentile(sorted_values, q)) for q in (0, 2.5, 33, 50, 97.5, 100)},
    "mcNemar": [
        exact_test(*counts)
        for counts in ((0, 0), (1, 0), (0, 6), (5, 5), (4, 11), (30, 12), (121, 80), (900, 1100), (3, 4000))
    ],
}
(Path(__file__).parent / "intervals.json").write_text(json.dumps(golden, indent=1) + "\n")

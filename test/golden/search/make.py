"""What Optuna finds: the densities and results of its TPE, the decisions of its ASHA. See ../README.md for the format."""

import json
import math
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import RandomSampler, TPESampler
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights

optuna.logging.set_verbosity(optuna.logging.ERROR)
here = Path(__file__).parent
generator = np.random.default_rng(23)
seeds = range(20)


def sphere(trial):
    return sum(trial.suggest_float(f"x{i}", -5, 5) ** 2 for i in range(4))


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    b, c, t = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)
    return (y - b * x**2 + c * x - 6) ** 2 + 10 * (1 - t) * math.cos(x) + 10


HARTMANN_A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
HARTMANN_P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann(trial):
    x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    inner = [sum(a * (v - p) ** 2 for a, v, p in zip(A, x, P)) for A, P in zip(HARTMANN_A, HARTMANN_P)]
    return -sum(alpha * math.exp(-s) for alpha, s in zip([1, 1.2, 3, 3.2], inner))


def conditional(trial):
    """Two optimizers, one with a momentum that the other lacks, a rate of unknown magnitude, and whole numbers."""
    kind = trial.suggest_categorical("kind", ["a", "b", "c"])
    rate = trial.suggest_float("rate", 1e-5, 1, log=True)
    depth = trial.suggest_int("depth", 1, 8)
    loss = (math.log10(rate) + (3 if kind == "a" else 2)) ** 2 + 0.1 * (depth - 5) ** 2
    if kind == "b":
        loss += 4 * (trial.suggest_float("momentum", 0, 1) - 0.9) ** 2
    return loss + {"a": 0.5, "b": 0, "c": 1}[kind]


def logarithmic(trial):
    """A good rate and a good width, each known to a power of ten only."""
    rate = trial.suggest_float("rate", 1e-6, 1, log=True)
    width = trial.suggest_int("width", 4, 4096, log=True)
    return (math.log10(rate) + 3.3) ** 2 + (math.log2(width) - 8.5) ** 2 / 4


FUNCTIONS = {"sphere": sphere, "branin": branin, "hartmann": hartmann, "conditional": conditional, "logarithmic": logarithmic}


def best(function, sampler, trials):
    study = optuna.create_study(sampler=sampler)
    study.optimize(function, trials)
    return study.best_value


def two_losses(trial):
    """ZDT1 of four numbers: a convex front."""
    x = [trial.suggest_float(f"x{i}", 0, 1) for i in range(4)]
    g = 1 + 9 * sum(x[1:]) / 3
    return x[0], g * (1 - math.sqrt(x[0] / g))


def volume(sampler, trials):
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.optimize(two_losses, trials)
    points = sorted(trial.values for trial in study.best_trials)
    reference, total, below = (1.1, 11.0), 0.0, 11.0
    for first, second in points:
        if first < reference[0] and second < below:
            total += (reference[0] - first) * (below - second)
            below = second
    return total


def densities():
    """Log densities of mixtures around observations at further points, one parameter at a time."""
    spaces = {
        "float": (FloatDistribution(-2, 3), {"kind": "range", "min": -2, "max": 3}),
        "log": (FloatDistribution(1e-4, 1, log=True), {"kind": "range", "min": 1e-4, "max": 1, "log": True}),
        "int": (IntDistribution(1, 9), {"kind": "range", "min": 1, "max": 9, "step": 1}),
        "step": (FloatDistribution(0, 1, step=0.25), {"kind": "range", "min": 0, "max": 1, "step": 0.25}),
        "int-log": (IntDistribution(2, 64, log=True), {"kind": "range", "min": 2, "max": 64, "step": 1, "log": True}),
        "choice": (CategoricalDistribution([0, 1, 2]), {"kind": "choice", "values": [0, 1, 2]}),
    }
    draw = {
        "float": lambda n: generator.uniform(-2, 3, n),
        "log": lambda n: np.exp(generator.uniform(math.log(1e-4), 0, n)),
        "int": lambda n: generator.integers(1, 10, n),
        "step": lambda n: generator.integers(0, 5, n) * 0.25,
        "int-log": lambda n: generator.integers(2, 65, n),
        "choice": lambda n: generator.integers(0, 3, n),
    }
    parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
    for name, (distribution, parameter) in spaces.items():
        # Of equal observations NumPy sorts more than 16 in no certain order, and so do their widths.
        for count in (0, 1, 4, 12 if "step" in parameter else 40):
            observed, points = draw[name](count).astype(float), draw[name](12).astype(float)
            estimator = _ParzenEstimator({"x": observed}, {"x": distribution}, parameters)
            yield {
                "name": f"{name}, {count}",
                "parameter": parameter,
                "observed": observed.tolist(),
                "points": points.tolist(),
                "logDensities": estimator.log_pdf({"x": points}).tolist(),
            }


EPOCHS = 27


def curves(count):
    """Learning curves of trials: a final loss, and the speed at which it is reached, so that some cross."""
    final, speed = generator.uniform(0, 1, count), np.exp(generator.uniform(math.log(0.05), math.log(2), count))
    return [[round(float(f + (1.5 - f) * math.exp(-s * t)), 6) for t in range(1, EPOCHS + 1)] for f, s in zip(final, speed)]


def decisions(table, least, factor):
    """Epochs to which each curve is trained, one after the other, until the pruner stops it."""
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=least, reduction_factor=factor)
    study = optuna.create_study(pruner=pruner, sampler=RandomSampler(seed=0))
    epochs = []
    for curve in table:
        trial = study.ask()
        for epoch, value in enumerate(curve, 1):
            trial.report(value, epoch)
            if trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, curve[-1])
        epochs.append(epoch)
    return epochs


def write(name, content):
    (here / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


write("densities", list(densities()))
write(
    "found",
    {
        "trials": 60,
        "tpe": {name: [best(f, TPESampler(seed=s), 60) for s in seeds] for name, f in FUNCTIONS.items()},
        "random": {name: [best(f, RandomSampler(seed=s), 60) for s in seeds] for name, f in FUNCTIONS.items()},
        "volume": {"tpe": [volume(TPESampler(seed=s), 60) for s in seeds], "random": [volume(RandomSampler(seed=s), 60) for s in seeds]},
    },
)
asha = []
for least, factor in ((1, 3), (1, 4), (2, 2)):
    table = curves(40)
    asha.append({"least": least, "factor": factor, "curves": table, "epochs": decisions(table, least, factor)})
write("asha", asha)

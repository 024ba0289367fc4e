"""Trajectories of optimizers, values of schedules, and clipping by global norm. See ../README.md for the format."""

import json
from pathlib import Path

import numpy as np
import torch
from torch.optim.lr_scheduler import CosineAnnealingWarmRestarts
from transformers import (
    get_constant_schedule_with_warmup,
    get_cosine_schedule_with_warmup,
    get_linear_schedule_with_warmup,
)

here = Path(__file__).parent
generator = np.random.default_rng(17)
steps, width = 20, 6


class Lion(torch.optim.Optimizer):
    """Chen et al. 2023, Symbolic Discovery of Optimization Algorithms, Algorithm 2."""

    def __init__(self, parameters, lr, betas, weight_decay):
        super().__init__(parameters, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for x in group["params"]:
                m = self.state[x].setdefault("mean", torch.zeros_like(x))
                c = beta1 * m + (1 - beta1) * x.grad
                # A sign must not hang on rounding, or float32 could not follow.
                assert torch.all((c == 0) | (c.abs() > 1e-5 * x.grad.abs().max())), c
                x -= group["lr"] * (torch.sign(c) + group["weight_decay"] * x)
                m.mul_(beta2).add_((1 - beta2) * x.grad)


def adam_w(x, learningRate, beta1, beta2, epsilon, weightDecay):
    return torch.optim.AdamW([x], learningRate, (beta1, beta2), epsilon, weightDecay)


def sgd(x, learningRate, momentum, nesterov, weightDecay):
    return torch.optim.SGD([x], learningRate, momentum, nesterov=nesterov, weight_decay=weightDecay)


def lion(x, learningRate, beta1, beta2, weightDecay):
    return Lion([x], learningRate, (beta1, beta2), weightDecay)


optimizers = {"adamW": adam_w, "sgd": sgd, "lion": lion}
moment_names = {"exp_avg": "mean", "exp_avg_sq": "variance", "momentum_buffer": "velocity", "mean": "mean"}


def in_float32(array):
    """Inputs that float32 represents exactly; the reference then goes on in float64."""
    return np.asarray(array, dtype=np.float32).astype(np.float64)


def fixed_gradients(scale=1.0):
    return in_float32(scale * (generator.standard_normal((steps, width)) + generator.standard_normal(width)))


def trajectory(name, gradients, rates=None, **options):
    optimizer = name.split("/")[0]
    rates = [options["learningRate"]] * steps if rates is None else rates
    initial = in_float32(generator.standard_normal(width))
    x = torch.from_numpy(initial.copy())
    update = optimizers[optimizer](x, **options)
    values = []
    for gradient, rate in zip(gradients, rates):
        update.param_groups[0]["lr"] = rate
        x.grad = torch.from_numpy(gradient.copy())
        update.step()
        values.append(x.tolist())
    state = update.state[x]
    kept = {ours: state[theirs] for theirs, ours in moment_names.items() if state.get(theirs) is not None}
    return {
        "name": name,
        "optimizer": optimizer,
        "options": options,
        "learningRates": rates,
        "initial": initial.tolist(),
        "gradients": gradients.tolist(),
        "values": values,
        "moments": {name: moment.tolist() for name, moment in kept.items()},
    }


def trajectories():
    adam = dict(learningRate=1e-2, beta1=0.9, beta2=0.999, epsilon=1e-8, weightDecay=0.1)
    momentum = dict(learningRate=1e-2, momentum=0.9, nesterov=False, weightDecay=0.0)
    sign = dict(learningRate=1e-2, beta1=0.9, beta2=0.99, weightDecay=0.0)
    warm_up = [1e-2 * min(1, (step + 1) / 8) for step in range(steps)]
    sparse = fixed_gradients()
    sparse[:3] = 0
    sparse[:, 2] = 0
    return [
        trajectory("adamW/decay", fixed_gradients(), **adam),
        trajectory("adamW/no-decay", fixed_gradients(), **{**adam, "weightDecay": 0.0}),
        trajectory("adamW/clip-betas", fixed_gradients(), **{**adam, "beta2": 0.98, "epsilon": 1e-6}),
        trajectory("adamW/schedule", fixed_gradients(), warm_up, **adam),
        trajectory("adamW/tiny-gradients", fixed_gradients(1e-7), **adam),
        trajectory("adamW/zero-gradients", sparse, **adam),
        trajectory("sgd/plain", fixed_gradients(), **{**momentum, "momentum": 0.0}),
        trajectory("sgd/momentum", fixed_gradients(), **momentum),
        trajectory("sgd/nesterov", fixed_gradients(), **{**momentum, "nesterov": True}),
        trajectory("sgd/decay", fixed_gradients(), **{**momentum, "weightDecay": 0.1}),
        trajectory("sgd/nesterov-decay-schedule", fixed_gradients(), warm_up,
                   **{**momentum, "nesterov": True, "weightDecay": 0.1}),
        trajectory("lion/plain", fixed_gradients(), **sign),
        trajectory("lion/decay", fixed_gradients(), **{**sign, "weightDecay": 0.3}),
        trajectory("lion/schedule", fixed_gradients(), warm_up, **{**sign, "weightDecay": 0.3}),
        trajectory("lion/zero-gradients", sparse, **sign),
    ]


def schedule(name, make, count, **options):
    """Factors by which updates 0, 1, 2, … multiply the base rate."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    factors = []
    for _ in range(count):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"name": name, "schedule": name.split("/")[0], "options": options, "factors": factors}


def schedules():
    def restarts(name, period, factor, floor, count):
        options = {"firstPeriod": period, "periodFactor": factor, "floor": floor}
        make = lambda optimizer: CosineAnnealingWarmRestarts(optimizer, T_0=period, T_mult=factor, eta_min=floor)
        return schedule(name, make, count, **options)

    def warmed_up(name, function, warmup, total):
        make = lambda optimizer: function(optimizer, num_warmup_steps=warmup, num_training_steps=total)
        return schedule(name, make, total, warmupSteps=warmup, totalSteps=total)

    return [
        restarts("cosineWarmRestarts/doubling", 10, 2, 0.0, 80),
        restarts("cosineWarmRestarts/equal", 7, 1, 0.0, 30),
        restarts("cosineWarmRestarts/floor", 5, 3, 0.1, 50),
        warmed_up("cosine/warm-up", get_cosine_schedule_with_warmup, 10, 60),
        warmed_up("cosine/no-warm-up", get_cosine_schedule_with_warmup, 0, 25),
        warmed_up("linear/warm-up", get_linear_schedule_with_warmup, 10, 60),
        warmed_up("linear/no-warm-up", get_linear_schedule_with_warmup, 0, 25),
        schedule("constant/warm-up", lambda optimizer: get_constant_schedule_with_warmup(optimizer, 10), 20,
                 warmupSteps=10, totalSteps=20),
    ]


def clipping(name, gradients, max_norm):
    parameters = [torch.zeros(len(gradient), dtype=torch.float64, requires_grad=True) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = torch.from_numpy(gradient.copy())
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return {
        "name": name,
        "maxNorm": max_norm,
        "gradients": [gradient.tolist() for gradient in gradients],
        "norm": norm.item(),
        "clipped": [parameter.grad.tolist() for parameter in parameters],
    }


def clippings():
    def some(scale):
        return [in_float32(scale * generator.standard_normal(size)) for size in [4, 1, 7]]

    return [
        clipping("above", some(1), 1.0),
        clipping("far-above", some(1e4), 0.5),
        clipping("below", some(0.01), 1.0),
        clipping("just-below", [in_float32([0.6, 0.0]), in_float32([0.79])], 1.0),
        clipping("zero", [np.zeros(3), np.zeros(2)], 1.0),
        # Where the 1e-6 that PyTorch adds to the norm shows.
        clipping("tiny", [in_float32([3e-6, 0.0]), in_float32([4e-6])], 1e-6),
    ]


if __name__ == "__main__":
    golden = {"optimizers": trajectories(), "schedules": schedules(), "clipping": clippings()}
    parts = []
    for part, cases in golden.items():
        lines = ",\n".join(json.dumps(each) for each in cases)
        parts.append(f'"{part}": [\n{lines}\n]')
    (here / "optim.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")

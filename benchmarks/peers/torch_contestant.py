"""PyTorch as a contestant: the same model from the same weights, in the form that the task names (see contestants.ts)."""

import gc
import json
import os
import sys
from pathlib import Path

import torch
from dual_encoder import DualEncoder
from safetensors.torch import load_file
from serve import serve, timed

task = json.loads(sys.argv[1])
directory = Path(task["directory"])
form = task["form"]
torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


def require_bf16_products() -> None:
    """Without them autocast is slower than float32, and no contestant."""
    known = Path("/proc/cpuinfo")
    flags = known.read_text() if known.exists() else ""
    if not any(flag in flags for flag in ("avx512_bf16", "amx_bf16")):
        raise RuntimeError("the CPU has no products in bfloat16 (avx512_bf16 or amx_bf16)")


def load() -> DualEncoder:
    with torch.device("meta"):
        model = DualEncoder(json.loads((directory / "config.json").read_text()), form == "packed")
    model.load_state_dict(load_file(directory / "model.safetensors"), assign=True)
    # A copy of its own: the file's pages are no memory of the contestant.
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
    return model


def optimizer_of(model: DualEncoder, plan: dict) -> torch.optim.Optimizer:
    decayed = set(plan["decayed"])
    groups = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[name in decayed].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": groups[True], "weight_decay": plan["weightDecay"]},
            {"params": groups[False], "weight_decay": 0.0},
        ],
        lr=plan["learningRate"],
        betas=(plan["beta1"], plan["beta2"]),
        eps=plan["epsilon"],
        fused=True,  # its fastest on a CPU
    )


def train() -> None:
    model = load()
    plan = json.loads((directory / "plan.json").read_text())
    optimizer = optimizer_of(model, plan)
    batch = load_file(directory / "batch.safetensors")
    loss_of = torch.compile(model) if form == "compiled" else model

    def differentiate() -> torch.Tensor:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=form == "bf16"):
            loss = loss_of(batch["pixelValues"], batch["inputIds"])
        loss.backward()
        return loss

    def update() -> None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), plan["clipNorm"])
        optimizer.step()

    loss = differentiate().item()
    if "gradients" in task:
        write_gradients(model, task["gradients"])
    update()
    gc.collect()

    def answer(request: dict) -> dict:
        losses = []

        def step() -> None:
            loss = differentiate()
            update()
            losses.append(loss.item())

        return {"milliseconds": timed(request["steps"], step), "losses": losses}

    serve({"loss": loss, "version": torch.__version__}, answer)


def write_gradients(model: DualEncoder, file: str) -> None:
    """As float32, parameter after parameter in the order of their names."""
    with open(file, "wb") as out:
        for _, parameter in sorted(model.named_parameters()):
            parameter.grad.contiguous().numpy().tofile(out)


@torch.inference_mode()
def infer() -> None:
    model = load().eval()
    pixels = load_file(directory / "batch.safetensors")["pixelValues"]
    encode = torch.compile(model.encode_image, dynamic=False) if form == "compiled" else model.encode_image

    def answer(request: dict) -> dict:
        images = pixels[: request["batch"]]
        return {"milliseconds": timed(request["runs"], lambda: encode(images))}

    serve({"features": encode(pixels[:2]).flatten().tolist()}, answer)


if form == "bf16":
    require_bf16_products()
train() if task["mode"] == "train" else infer()

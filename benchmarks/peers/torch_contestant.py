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
from torch import nn

task = json.loads(sys.argv[1])
directory = Path(task["directory"])
form = task["form"]
torch.set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


def read_plan() -> dict:
    return json.loads((directory / "plan.json").read_text())


def require_bf16_products() -> None:
    """Without them autocast is slower than float32, and no contestant."""
    known = Path("/proc/cpuinfo")
    flags = known.read_text() if known.exists() else ""
    if not any(flag in flags for flag in ("avx512_bf16", "amx_bf16")):
        raise RuntimeError("the CPU has no products in bfloat16 (avx512_bf16 or amx_bf16)")


def load(plan: dict) -> nn.Module:
    """The model as the plan trains it, with adapters of Hugging Face's `peft` where it asks for them."""
    with torch.device("meta"):
        model = DualEncoder(json.loads((directory / "config.json").read_text()), form == "packed")
    weights = load_file(directory / "model.safetensors")
    adapters = {name: weights.pop(name) for name in list(weights) if ".lora_" in name}
    model.load_state_dict(weights, assign=True)
    # A copy of its own: the file's pages are no memory of the contestant.
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
    if adapters:
        from peft import LoraConfig, get_peft_model

        model = get_peft_model(model, LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"]))
    for name, parameter in model.named_parameters():
        parameter.requires_grad = our_name(name) in plan["trained"]
        if our_name(name) in adapters:
            parameter.data = adapters[our_name(name)].clone()
    return model


def our_name(name: str) -> str:
    """The name of a parameter without what `peft` puts around it."""
    for theirs, ours in [
        ("base_model.model.", ""),
        (".base_layer.", "."),
        (".lora_A.default.", ".lora_a."),
        (".lora_B.default.", ".lora_b."),
    ]:
        name = name.replace(theirs, ours)
    return name


def trained_of(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return sorted((our_name(name), p) for name, p in model.named_parameters() if p.requires_grad)


def optimizer_of(model: nn.Module, plan: dict) -> torch.optim.Optimizer:
    decayed = set(plan["decayed"])
    groups = {True: [], False: []}
    for name, parameter in trained_of(model):
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
    plan = read_plan()
    model = load(plan)
    optimizer = optimizer_of(model, plan)
    batch = load_file(directory / "batch.safetensors")
    loss_of = torch.compile(model) if form == "compiled" else model
    kept = []
    if plan["tuning"] == "litKept":
        with torch.no_grad():
            kept = [model.encode_image(batch["pixelValues"])]

    def differentiate() -> torch.Tensor:
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=form == "bf16"):
            loss = loss_of(batch["pixelValues"], batch["inputIds"], *kept)
        loss.backward()
        return loss

    def update() -> None:
        torch.nn.utils.clip_grad_norm_([parameter for _, parameter in trained_of(model)], plan["clipNorm"])
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


def write_gradients(model: nn.Module, file: str) -> None:
    """As float32, parameter after parameter in the order of their names."""
    with open(file, "wb") as out:
        for _, parameter in trained_of(model):
            parameter.grad.contiguous().numpy().tofile(out)


@torch.inference_mode()
def infer() -> None:
    model = load(read_plan()).eval()
    pixels = load_file(directory / "batch.safetensors")["pixelValues"]
    encode = torch.compile(model.encode_image, dynamic=False) if form == "compiled" else model.encode_image

    def answer(request: dict) -> dict:
        images = pixels[: request["batch"]]
        return {"milliseconds": timed(request["runs"], lambda: encode(images))}

    serve({"features": encode(pixels[:2]).flatten().tolist()}, answer)


if form == "bf16":
    require_bf16_products()
train() if task["mode"] == "train" else infer()

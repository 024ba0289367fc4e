"""PyTorch's DistributedDataParallel over gloo: `size` processes of some threads each train one batch together.

Each has its part of the batch; the loss is that of all features, gathered with their gradients, as in open_clip. Rank 0 writes
what it measured, as contestants/members.ts. The time of communication is that of an all-reduce of as many numbers as there are
gradients, measured after the steps: DDP hides it behind the backward pass, so the share is how much it would be.
"""

import json
import os
import sys
from pathlib import Path
from time import perf_counter

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from dual_encoder import DualEncoder
from safetensors.torch import load_file
from torch import nn
from torch.distributed.nn.functional import all_gather


class Member(nn.Module):
    """The loss of the whole batch by the features of all members."""

    def __init__(self, model: DualEncoder):
        super().__init__()
        self.model = model

    def forward(self, pixels: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        images, texts = self.model.encode_image(pixels), self.model.encode_text(ids)
        if dist.get_world_size() > 1:
            images, texts = torch.cat(all_gather(images)), torch.cat(all_gather(texts))
        logits = self.model.logit_scale.exp().clamp(max=100) * images @ texts.T
        targets = torch.arange(len(logits))
        return (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets)) / 2


def run(rank: int, task: dict) -> None:
    directory, size, steps = Path(task["directory"]), task["size"], task["steps"]
    torch.set_num_threads(task["threads"])
    dist.init_process_group("gloo", init_method=f"file://{task['out']}.meet", rank=rank, world_size=size)
    plan = json.loads((directory / "plan.json").read_text())
    model = DualEncoder(json.loads((directory / "config.json").read_text()))
    model.load_state_dict(load_file(directory / "model.safetensors"))
    decayed = set(plan["decayed"])
    named = list(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for n, p in named if n in decayed], "weight_decay": plan["weightDecay"]},
            {"params": [p for n, p in named if n not in decayed], "weight_decay": 0.0},
        ],
        lr=plan["learningRate"],
        betas=(plan["beta1"], plan["beta2"]),
        eps=plan["epsilon"],
        fused=True,
    )
    member = nn.parallel.DistributedDataParallel(Member(model)) if size > 1 else Member(model)
    batch = {name: array.chunk(size)[rank] for name, array in load_file(directory / "batch.safetensors").items()}
    losses, milliseconds, warm_up = [], [], 3
    for i in range(warm_up + steps):
        start = perf_counter()
        optimizer.zero_grad()
        loss = member(batch["pixelValues"], batch["inputIds"])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), plan["clipNorm"])
        optimizer.step()
        losses.append(loss.item())
        if i >= warm_up:
            milliseconds.append((perf_counter() - start) * 1000)
    numbers = torch.zeros(sum(p.numel() for p in model.parameters()))
    times = []
    for _ in range(5):
        dist.barrier()
        start = perf_counter()
        dist.all_reduce(numbers)
        times.append(perf_counter() - start)
    if rank == 0:
        report = {"losses": losses[:warm_up], "milliseconds": milliseconds}
        if size > 1:
            report |= {"communicatingSeconds": sorted(times)[2] * steps, "bytes": numbers.numel() * 4 * steps}
        Path(task["out"]).write_text(json.dumps(report))
    dist.barrier()
    # Not destroy_process_group(): with PyTorch 2.13 the last owner of the group is DDP's reducer, whose end waits, with Python's
    # lock held, for a thread of gloo that waits for that lock.
    os._exit(0)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    os.environ.setdefault("OMP_NUM_THREADS", str(given["threads"]))
    mp.spawn(run, (given,), nprocs=given["size"]) if given["size"] > 1 else run(0, given)

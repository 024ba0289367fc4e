"""Golden values of LeRobot's ACTPolicy: losses, latents, gradients and answers of a tiny policy, and a checkpoint of it.

    pip install lerobot==0.4.4
    python make.py

Weights and inputs are a formula of their name and place, so that no file holds them: see `formula` here and in
test/support/formula.ts. The ResNet-18 is torchvision's with an eighth of its channels.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from torchvision.ops.misc import FrozenBatchNorm2d

from lerobot.configs.types import FeatureType, NormalizationMode, PolicyFeature
from lerobot.policies.act.configuration_act import ACTConfig
from lerobot.policies.act.modeling_act import ACTPolicy, ACTTemporalEnsembler
from lerobot.policies.act.processor_act import make_act_pre_post_processors

here = Path(__file__).parent
BATCH, CHUNK, STATE, ACTION, SIDE = 2, 4, 3, 2, 40
CAMERAS = ["observation.images.top", "observation.images.wrist"]


def phase(name: str) -> float:
    """Sum of code points, weighted by place."""
    return sum((i + 1) * ord(c) for i, c in enumerate(name)) % 1000 / 7.0


def formula(name: str, shape, scale=1.0) -> torch.Tensor:
    """scale · sin(phase + 0.7·i) at place i."""
    count = math.prod(shape)
    values = scale * np.sin(phase(name) + 0.7 * np.arange(count, dtype=np.float64))
    return torch.from_numpy(values.astype(np.float32)).reshape(tuple(shape))


def weight_of(name: str, shape) -> torch.Tensor:
    if name.endswith("running_var"):
        return 1 + formula(name, shape, 0.3)
    if ".bn" in name and name.endswith(".weight") or ".norm" in name and name.endswith(".weight"):
        return 1 + formula(name, shape, 0.2)
    if ".downsample.1.weight" in name:
        return 1 + formula(name, shape, 0.2)
    if len(shape) == 1:
        return formula(name, shape, 0.1)
    return formula(name, shape, 1.5 / math.sqrt(math.prod(shape[1:])))


def narrow(module: torch.nn.Module, factor: int) -> None:
    """Give every layer of a ResNet a fraction of its channels."""
    for name, child in module.named_children():
        if isinstance(child, torch.nn.Conv2d):
            inputs = child.in_channels if child.in_channels == 3 else child.in_channels // factor
            made = torch.nn.Conv2d(
                inputs, child.out_channels // factor, child.kernel_size, child.stride, child.padding, bias=False
            )
            setattr(module, name, made)
        elif isinstance(child, FrozenBatchNorm2d):
            setattr(module, name, FrozenBatchNorm2d(child.weight.shape[0] // factor))
        else:
            narrow(child, factor)


def config(**options) -> ACTConfig:
    visual = {name: PolicyFeature(FeatureType.VISUAL, (3, SIDE, SIDE)) for name in CAMERAS}
    return ACTConfig(
        input_features={"observation.state": PolicyFeature(FeatureType.STATE, (STATE,)), **visual},
        output_features={"action": PolicyFeature(FeatureType.ACTION, (ACTION,))},
        normalization_mapping={
            "VISUAL": NormalizationMode.MEAN_STD,
            "STATE": NormalizationMode.MEAN_STD,
            "ACTION": NormalizationMode.MIN_MAX,
        },
        chunk_size=CHUNK,
        n_action_steps=CHUNK,
        pretrained_backbone_weights=None,
        dim_model=16,
        n_heads=2,
        dim_feedforward=24,
        n_encoder_layers=2,
        n_decoder_layers=2,
        n_vae_encoder_layers=2,
        latent_dim=4,
        dropout=0.0,
        device="cpu",
        push_to_hub=False,
        **options,
    )


def policy(**options) -> ACTPolicy:
    made = ACTPolicy(config(**options))
    narrow(made.model.backbone, 8)
    made.model.encoder_img_feat_input_proj = torch.nn.Conv2d(64, 16, kernel_size=1)
    with torch.no_grad():
        for name, value in list(made.named_parameters()) + list(made.named_buffers()):
            if "pos_enc" not in name:
                value.copy_(weight_of(name, value.shape))
    return made


stats = {
    "observation.state": {"mean": [0.1, -0.2, 0.3], "std": [0.5, 1.5, 2.0], "min": [-1, -2, -3], "max": [1, 2, 4]},
    "action": {"mean": [0.2, 0.1], "std": [0.7, 0.4], "min": [-1.5, -0.5], "max": [2.0, 1.0]},
    **{
        name: {"mean": [[[0.485]], [[0.456]], [[0.406]]], "std": [[[0.229]], [[0.224]], [[0.225]]]}
        for name in CAMERAS
    },
}
tensors = {k: {s: torch.tensor(v, dtype=torch.float32) for s, v in each.items()} for k, each in stats.items()}


def batch():
    images = {name: 0.5 + formula(name, (BATCH, 3, SIDE, SIDE), 0.5) for name in CAMERAS}
    is_pad = torch.zeros(BATCH, CHUNK, dtype=torch.bool)
    is_pad[1, 2:] = True
    return {
        **images,
        "observation.state": formula("observation.state", (BATCH, STATE)),
        "action": formula("action", (BATCH, CHUNK, ACTION)),
        "action_is_pad": is_pad,
    }


def rounded(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def case(**options):
    made = policy(**options)
    before, after = make_act_pre_post_processors(made.config, dataset_stats=tensors)
    prepared = before(batch())
    noise = formula("latentNoise", (BATCH, 4))
    torch.randn_like = lambda like: noise.to(like)
    made.train()
    loss, parts = made.forward(prepared)
    loss.backward()
    gradients = {}
    for name, parameter in made.named_parameters():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        along = (gradient.double() * formula(f"along {name}", gradient.shape).double()).sum()
        gradients[name] = [float(f"{value:.7g}") for value in (gradient.double().norm().item(), along.item())]
    made.eval()
    with torch.no_grad():
        actions = after(made.predict_action_chunk(before(batch())))
    return made, (before, after), {
        "loss": loss.item(),
        **parts,
        "gradients": gradients,
        "names": sorted(made.state_dict()),
        "actions": rounded(actions),
    }


made, processors, act = case()
_, _, l1 = case(use_vae=False)
_, _, pre_norm = case(pre_norm=True)
l1.pop("gradients")
pre_norm.pop("gradients")

ensembler = ACTTemporalEnsembler(0.01, CHUNK)
ensembled = [rounded(ensembler.update(formula(f"chunk {i}", (1, CHUNK, ACTION)))) for i in range(7)]

(here / "values.json").write_text(json.dumps({"act": act, "l1": l1, "preNorm": pre_norm, "ensembled": ensembled}))

# Files of a checkpoint, all but its weights.
checkpoint = here / "checkpoint"
checkpoint.mkdir(exist_ok=True)
made.config._save_pretrained(checkpoint)
processors[0].save_pretrained(checkpoint)
processors[1].save_pretrained(checkpoint)

"""Pretrained models as `save_pretrained` writes them, small and random, and adapters of Python's `peft`.

clip/              CLIPModel in float32, and with its processor's files; its tokenizer is ../token-ids/clip
clip-float16/      the same in half precision
clip-bfloat16/     the same in bfloat16, in shards with an index
siglip2/           SiglipModel as SigLIP 2 of fixed resolution has it, with its processor's files; tokenizer ../token-ids/siglip2
adapter/           LoRA on clip/: q_proj and v_proj, alpha/rank
adapter-rslora/    rsLoRA on clip/: fc1 and the projections, of another rank
features.json      features of clip/ and siglip2/ for one image and the texts of `ids`, alone and with each adapter

    pip install torch==2.13 transformers==5.24.0 safetensors==0.8 pillow peft==0.21.2
    python test/golden/finetune/make.py
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
)

here = Path(__file__).parent
sys.path.append(str(here.parent))
from dual_encoder import randomize  # noqa: E402

tower = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2)
vision = dict(tower, image_size=16, patch_size=8)
tokens = {
    name: json.loads((here.parent / "token-ids" / name / "tokenizer.json").read_text()) for name in ["clip", "siglip2"]
}


def vocabulary(name):
    ids = [*tokens[name]["model"]["vocab"].values(), *(token["id"] for token in tokens[name]["added_tokens"])]
    return max(ids) + 1


def id_of(name, content):
    return next(token["id"] for token in tokens[name]["added_tokens"] if token["content"] == content)


def image(seed):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((1, 3, 16, 16))).float()


def features(model, pixels, ids):
    model = model.double().eval()
    with torch.no_grad():
        image = model.get_image_features(pixel_values=pixels.double()).pooler_output
        text = model.get_text_features(input_ids=ids).pooler_output
    return {"image": image.flatten().tolist(), "text": text.flatten().tolist()}


def save(model, directory, **options):
    shutil.rmtree(directory, ignore_errors=True)
    model.save_pretrained(directory, **options)


start, end = id_of("clip", "<|startoftext|>"), id_of("clip", "<|endoftext|>")
clip_text = dict(tower, vocab_size=vocabulary("clip"), max_position_embeddings=12)
clip_text.update(bos_token_id=start, eos_token_id=end, pad_token_id=end)


def clip():
    # A config of its own: saving in half precision writes that into it.
    config = CLIPConfig(vision_config=dict(vision), text_config=dict(clip_text), projection_dim=12)
    model = CLIPModel._from_config(config, attn_implementation="eager")
    randomize(model, 5, 2.6592, 0)
    return model.eval()


def adapter(name, seed, **options):
    """An adapter whose B is not zero, and the features with it."""
    torch.manual_seed(seed)
    model = get_peft_model(clip(), LoraConfig(**options))
    for parameter_name, parameter in model.named_parameters():
        if "lora_B" in parameter_name:
            parameter.data.normal_(0, 0.3)
    shutil.rmtree(here / name, ignore_errors=True)
    model.save_pretrained(here / name)
    (here / name / "README.md").unlink(missing_ok=True)
    again = PeftModel.from_pretrained(clip(), here / name)
    return features(again.base_model.model, pixels, ids)


pixels = image(3)
ids = torch.tensor([[start, 9, 40, 17, end, end, end, end, end, end, end, end], [start, 5, end] + [end] * 9])
save(clip(), here / "clip")
CLIPImageProcessor(size={"shortest_edge": 16}, crop_size=16).save_pretrained(here / "clip")
save(clip().half(), here / "clip-float16")
save(clip().bfloat16(), here / "clip-bfloat16", max_shard_size="20KB")
alone = features(clip(), pixels, ids)
lora = adapter("adapter", 1, r=4, lora_alpha=6, target_modules=["q_proj", "v_proj"])
rslora = adapter(
    "adapter-rslora", 2, r=3, lora_alpha=5, use_rslora=True, target_modules=["fc1", "visual_projection", "text_projection"]
)

text = dict(tower, vocab_size=vocabulary("siglip2"), max_position_embeddings=16, projection_size=16)
siglip = SiglipModel._from_config(SiglipConfig(vision_config=vision, text_config=text), attn_implementation="eager")
randomize(siglip, 6, 2.3, -10.0)
save(siglip, here / "siglip2")
SiglipImageProcessor(size={"height": 16, "width": 16}).save_pretrained(here / "siglip2")
siglip_ids = torch.tensor([[7, 30, 12, 1] + [0] * 12])

content = {
    "pixels": pixels.flatten().tolist(),
    "clip": {"ids": ids.flatten().tolist(), "alone": alone, "adapter": lora, "adapter-rslora": rslora},
    "siglip2": {"ids": siglip_ids.flatten().tolist(), "alone": features(siglip, pixels, siglip_ids)},
}
(here / "features.json").write_text(json.dumps(content) + "\n")

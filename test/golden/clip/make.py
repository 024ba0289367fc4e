"""Golden CLIPModels. Regenerate with `python test/golden/clip/make.py`; see ../README.md for the files."""

import sys
from pathlib import Path

from transformers import CLIPConfig, CLIPModel

here = Path(__file__).parent
sys.path.append(str(here.parent))
from dual_encoder import captions, images, store  # noqa: E402


def clip(vision, text, projection):
    towers = {
        "vision_config": {"patch_size": 8, "projection_dim": projection, **vision},
        "text_config": {"projection_dim": projection, **text},
    }
    return CLIPModel._from_config(CLIPConfig(**towers, projection_dim=projection), attn_implementation="eager")


def quick_gelu():
    """Towers of different width, depth and heads. No mask: captions are padded with the end token, as by OpenAI,
    so the *first* end token has to be pooled."""
    ids, _ = captions(1, [12, 5, 9, 3, 7], 12, words=(3, 96), begin=97, end=98, padding=98)
    model = clip(
        dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=32),
        dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=2, vocab_size=99,
             max_position_embeddings=14, bos_token_id=97, eos_token_id=98, pad_token_id=98),
        projection=20,
    )
    store(here / "quick-gelu", model, seed=11, logit_scale=2.6592, pixel_values=images(21, 5, 32), input_ids=ids)


def gelu_padded():
    """Exact GELU, another epsilon for each tower, captions padded with 0 and masked, the text tower the wider. Two
    words are masked too: under a causal mask, padding behind the pooled token could not change an embedding."""
    ids, mask = captions(2, [4, 10, 7, 3], 10, words=(1, 98), begin=98, end=99, padding=0)
    mask[1, 4] = mask[2, 1] = 0
    model = clip(
        dict(hidden_size=24, intermediate_size=48, num_hidden_layers=3, num_attention_heads=3, image_size=16,
             hidden_act="gelu", layer_norm_eps=1e-3),
        dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, vocab_size=100,
             max_position_embeddings=10, bos_token_id=98, eos_token_id=99, pad_token_id=0,
             hidden_act="gelu", layer_norm_eps=1e-6),
        projection=32,
    )
    store(here / "gelu-padded", model, seed=12, logit_scale=1.5, pixel_values=images(22, 4, 16), input_ids=ids,
          attention_mask=mask)


def legacy_eos():
    """`eos_token_id` 2, as in OpenAI's own configs: the position of the highest id is pooled, whatever it is. One
    caption has no end token at all; padding is 1 and masked."""
    ids, mask = captions(3, [6, 9, 8, 4, 9, 5], 9, words=(3, 90), begin=91, end=92, padding=1)
    ids[4, 8] = 5
    ids[4, 3] = 95
    model = clip(
        dict(hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2, image_size=24),
        dict(hidden_size=24, intermediate_size=56, num_hidden_layers=2, num_attention_heads=3, vocab_size=97,
             max_position_embeddings=16, bos_token_id=0, eos_token_id=2, pad_token_id=1),
        projection=16,
    )
    store(here / "legacy-eos", model, seed=13, logit_scale=4.2, pixel_values=images(23, 6, 24), input_ids=ids,
          attention_mask=mask)


if __name__ == "__main__":
    quick_gelu()
    gelu_padded()
    legacy_eos()

"""Golden SiglipModels. Regenerate with `python test/golden/siglip/make.py`; see ../README.md for the files."""

import sys
from pathlib import Path

from transformers import SiglipConfig, SiglipModel

here = Path(__file__).parent
sys.path.append(str(here.parent))
from dual_encoder import captions, images, store  # noqa: E402


def siglip(vision, text):
    config = SiglipConfig(vision_config={"patch_size": 8, **vision}, text_config=text)
    return SiglipModel._from_config(config, attn_implementation="eager")


def gelu_tanh():
    """SigLIP's own activation. Towers of different width, joined by `projection_size`. No mask: SigLIP attends to
    its padding and pools the last position, as it was trained."""
    ids, _ = captions(4, [4, 9, 6, 3, 7], 9, words=(3, 98), begin=2, end=1, padding=1)
    model = siglip(
        dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, image_size=32),
        dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=2, vocab_size=99,
             max_position_embeddings=9, projection_size=32, bos_token_id=2, eos_token_id=1, pad_token_id=1),
    )
    store(here / "gelu-tanh", model, seed=14, logit_scale=2.3026, logit_bias=-3.0, pixel_values=images(24, 5, 32),
          input_ids=ids)


def gelu_padded():
    """Exact GELU, another epsilon for each tower, towers of one width, captions padded with 0 and masked."""
    ids, mask = captions(5, [8, 5, 3, 6], 8, words=(3, 100), begin=2, end=1, padding=0)
    model = siglip(
        dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=3, image_size=16,
             hidden_act="gelu", layer_norm_eps=1e-3),
        dict(hidden_size=24, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, vocab_size=101,
             max_position_embeddings=10, bos_token_id=2, eos_token_id=1, pad_token_id=0,
             hidden_act="gelu", layer_norm_eps=1e-5),
    )
    store(here / "gelu-padded", model, seed=15, logit_scale=1.2, logit_bias=-1.0, pixel_values=images(25, 4, 16),
          input_ids=ids, attention_mask=mask)


if __name__ == "__main__":
    gelu_tanh()
    gelu_padded()

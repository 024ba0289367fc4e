"""Golden VisionTextDualEncoderModels. Regenerate with `python test/golden/vision-text/make.py`; see ../README.md."""

import sys
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertModel,
    CLIPVisionConfig,
    CLIPVisionModel,
    VisionTextDualEncoderConfig,
    VisionTextDualEncoderModel,
)

here = Path(__file__).parent
sys.path.append(str(here.parent))
from dual_encoder import captions, images, store  # noqa: E402


class MeanBert(BertModel):
    """BertModel whose pooled output is the mean of the tokens that the mask shows, as sentence-transformers takes it."""

    def __init__(self, config):
        super().__init__(config, add_pooling_layer=False)

    def forward(self, input_ids, attention_mask, **options):
        output = super().forward(input_ids=input_ids, attention_mask=attention_mask, **options)
        shown = attention_mask.unsqueeze(-1).to(output.last_hidden_state.dtype)
        total = (output.last_hidden_state * shown).sum(1)
        output.pooler_output = total / shown.sum(1).clamp(min=1e-9)
        return output


def vision_text(vision, text, projection, tower=BertModel, **own):
    config = VisionTextDualEncoderConfig.from_vision_text_configs(
        CLIPVisionConfig(patch_size=8, projection_dim=projection, **vision),
        BertConfig(**text),
        projection_dim=projection,
        attn_implementation="eager",
        **own,
    )
    towers = [CLIPVisionModel(config.vision_config), tower(config.text_config)]
    return VisionTextDualEncoderModel(config, *towers)


def padded():
    """BERT's pooler. The padding is not at token 0; two words are masked too."""
    ids, mask = captions(4, [12, 5, 9, 3, 7], 12, words=(8, 96), begin=97, end=98, padding=5)
    mask[0, 4] = mask[2, 1] = 0
    model = vision_text(
        dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=32),
        dict(hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=2, vocab_size=99,
             max_position_embeddings=14, type_vocab_size=2, pad_token_id=5, layer_norm_eps=1e-5),
        projection=20,
    )
    store(here / "padded", model, seed=14, logit_scale=2.6592, pixel_values=images(24, 5, 32), input_ids=ids,
          attention_mask=mask)


def mean():
    """Mean of the tokens, the text tower the wider, another activation, one type of segment, the smallest epsilon."""
    ids, mask = captions(5, [4, 10, 7, 3], 10, words=(1, 98), begin=98, end=99, padding=0)
    model = vision_text(
        dict(hidden_size=24, intermediate_size=48, num_hidden_layers=3, num_attention_heads=3, image_size=16,
             hidden_act="gelu"),
        dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, vocab_size=100,
             max_position_embeddings=10, type_vocab_size=1, pad_token_id=0, hidden_act="relu"),
        projection=32,
        tower=MeanBert,
        text_pooling="mean",
    )
    store(here / "mean", model, seed=15, logit_scale=1.5, pixel_values=images(25, 4, 16), input_ids=ids,
          attention_mask=mask)


if __name__ == "__main__":
    torch.manual_seed(0)
    padded()
    mean()

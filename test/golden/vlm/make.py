"""Masked modelling and captioning behind the towers, with their losses and gradients, in float64: masked.safetensors and
captioning.safetensors. See ../README.md.

The references are torch.nn.TransformerEncoder and TransformerDecoder with norm_first; the heads are BERT's. Pixels of patches
are normalized as MAE's code does it, with torch's unbiased variance.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

here = Path(__file__).parent
torch.manual_seed(41)

IMAGE, TEXT, WIDTH, HIDDEN, HEADS, DEPTH, VOCABULARY, LENGTH, SIDE = 6, 10, 12, 20, 3, 2, 17, 5, 4


def rounded(x):
    """Inputs that float32 represents exactly; the reference then goes on in float64."""
    return x.float().double()


def normal(*shape, scale=1.0):
    return rounded(torch.randn(*shape, dtype=torch.float64) * scale)


def randomized(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(normal(*parameter.shape, scale=0.4))
        for each in module.modules():
            if isinstance(each, nn.LayerNorm):
                each.weight.copy_(rounded(each.weight + 1))
    return module


def sizes():
    return dict(d_model=WIDTH, nhead=HEADS, dim_feedforward=HIDDEN, dropout=0, activation="gelu", norm_first=True, batch_first=True)


class TokenHead(nn.Module):
    """The head of transformers' BertLMPredictionHead, tied to the word vectors."""

    def __init__(self):
        super().__init__()
        self.transform = nn.Linear(WIDTH, TEXT)
        self.layer_norm = nn.LayerNorm(TEXT, eps=1e-5)
        self.bias = nn.Parameter(torch.zeros(VOCABULARY))

    def forward(self, states, words):
        return F.linear(self.layer_norm(F.gelu(self.transform(states))), words, self.bias)


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.image_projection = nn.Linear(IMAGE, WIDTH)
        self.text_projection = nn.Linear(TEXT, WIDTH)
        self.position_embedding = nn.Embedding(4, WIDTH)
        self.layers = nn.ModuleList([nn.TransformerEncoderLayer(**sizes()) for _ in range(DEPTH)])
        self.final_layer_norm = nn.LayerNorm(WIDTH, eps=1e-5)
        self.patch_head = nn.Linear(WIDTH, 3 * SIDE**2)
        self.token_head = TokenHead()

    def forward(self, image, text, unseen, words, places):
        joined = torch.cat([self.image_projection(image) + self.position_embedding.weight, self.text_projection(text)], 1)
        for layer in self.layers:
            joined = layer(joined, src_key_padding_mask=unseen)
        joined = self.final_layer_norm(joined)
        patches, states = joined.split([4, LENGTH], 1)
        chosen = torch.stack([rows[where] for rows, where in zip(states, places.clamp(min=0))])
        return self.patch_head(patches), self.token_head(chosen, words)


class Captioning(nn.Module):
    def __init__(self):
        super().__init__()
        self.image_projection = nn.Linear(IMAGE, WIDTH)
        self.text_projection = nn.Linear(TEXT, WIDTH)
        self.layers = nn.ModuleList([nn.TransformerDecoderLayer(**sizes()) for _ in range(DEPTH)])
        self.final_layer_norm = nn.LayerNorm(WIDTH, eps=1e-5)
        self.token_head = TokenHead()

    def forward(self, image, text, words):
        context, states = self.image_projection(image), self.text_projection(text)
        causal = torch.triu(torch.ones(text.shape[1], text.shape[1], dtype=torch.bool), 1)
        for layer in self.layers:
            states = layer(states, context, tgt_mask=causal)
        return self.token_head(self.final_layer_norm(states), words)


def named(module, take, prefix, layers):
    """Values or gradients by the names of our parameters."""
    found = {}
    for name, parameter in module.named_parameters():
        if not name.startswith("layers."):
            found[f"{prefix}{name}" if not name.startswith("token_head") else name] = take(parameter)
    for i, layer in enumerate(module.layers):
        attentions = {"self_attn": layer.self_attn}
        norms = [("layer_norm1", layer.norm1), ("layer_norm2", layer.norm2)]
        if hasattr(layer, "multihead_attn"):
            attentions["cross_attn"] = layer.multihead_attn
            norms.append(("layer_norm3", layer.norm3))
        at = f"{layers}{i}."
        for ours, attention in attentions.items():
            for kind in ("weight", "bias"):
                stacked = take(getattr(attention, f"in_proj_{kind}"))
                for part, name in zip(stacked.chunk(3), ("q_proj", "k_proj", "v_proj")):
                    found[f"{at}{ours}.{name}.{kind}"] = part
                found[f"{at}{ours}.out_proj.{kind}"] = take(getattr(attention.out_proj, kind))
        for ours, theirs in [*norms, ("mlp.fc1", layer.linear1), ("mlp.fc2", layer.linear2)]:
            for kind in ("weight", "bias"):
                found[f"{at}{ours}.{kind}"] = take(getattr(theirs, kind))
    return found


def store(name, module, inputs, data, outputs, prefix, layers):
    arrays = {
        **{key: value.detach() for key, value in {**inputs, **outputs}.items()},
        **data,
        **{f"gradient/{key}": value.grad for key, value in inputs.items()},
        **{f"parameter/{key}": value for key, value in named(module, lambda p: p.detach(), prefix, layers).items()},
        **{f"gradient/parameter/{key}": value for key, value in named(module, lambda p: p.grad, prefix, layers).items()},
    }
    save_file(
        {key: (value if value.dtype == torch.int64 else value.float()).contiguous() for key, value in arrays.items()},
        here / f"{name}.safetensors",
    )


def normalized(images):
    """MAE's target: patches [batch, count, numbers], here with the channel first in a patch."""
    batch, channels, height, width = images.shape
    rows, columns = height // SIDE, width // SIDE
    cut = images.reshape(batch, channels, rows, SIDE, columns, SIDE)
    patches = torch.einsum("nchpwq->nhwcpq", cut).reshape(batch, rows * columns, -1)
    mean, variance = patches.mean(-1, keepdim=True), patches.var(-1, keepdim=True)
    return (patches - mean) / (variance + 1e-6) ** 0.5


def masked():
    module = randomized(Masked().double())
    inputs = {
        "image": normal(3, 4, IMAGE).requires_grad_(),
        "text": normal(3, LENGTH, TEXT).requires_grad_(),
        "words": normal(VOCABULARY, TEXT).requires_grad_(),
    }
    images = normal(3, 3, 8, 8)
    images[0, :, :4, :4] = 0.25  # a patch of one colour
    is_word = torch.arange(LENGTH)[None, :] < torch.tensor([5, 2, 3])[:, None]
    image_seen = torch.tensor([1.0, 1.0, 0.0]).double()
    patch_mask = torch.tensor([[1, 0, 0, 1], [0, 1, 1, 0], [0, 0, 1, 1]]).double()
    places, targets = torch.tensor([[1, 3], [0, -1], [2, -1]]), torch.tensor([[4, 16], [0, -100], [9, -100]])
    unseen = torch.cat([(image_seen == 0)[:, None].expand(3, 4), ~is_word], 1)
    patches, logits = module(inputs["image"], inputs["text"], unseen, inputs["words"], places)
    target = normalized(images)
    patch_losses = ((patches - target) ** 2).mean(-1)
    patch_loss = (patch_losses * patch_mask).sum() / patch_mask.sum()  # as MAE's code
    word_loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    (patch_loss + 0.5 * word_loss).backward()
    data = {
        "images": images,
        "is_word": is_word.double(),
        "image_seen": image_seen,
        "patch_mask": patch_mask,
        "places": places,
        "targets": targets,
        "target": target,
    }
    outputs = {"patches": patches, "logits": logits, "patch_loss": patch_loss, "word_loss": word_loss}
    store("masked", module, inputs, data, outputs, "", "encoder.layers.")


def captioning():
    module = randomized(Captioning().double())
    inputs = {
        "image": normal(3, 4, IMAGE).requires_grad_(),
        "text": normal(3, LENGTH, TEXT).requires_grad_(),
        "words": normal(VOCABULARY, TEXT).requires_grad_(),
    }
    targets = torch.tensor([[3, 9, 1, 1, 2], [2, -100, -100, -100, -100], [5, 6, 2, -100, -100]])
    logits = module(inputs["image"], inputs["text"], inputs["words"])
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    store("captioning", module, inputs, {"targets": targets}, {"logits": logits, "loss": loss}, "fusion.", "fusion.layers.")


masked()
captioning()

"""CLIP in plain PyTorch: the model of the benchmark under Hugging Face's parameter names.

Every operation is PyTorch's own fast one (scaled_dot_product_attention, layer_norm, conv2d). With `packed`, texts are
one matrix of the tokens up to their ends, which attention alone pads: the twin of what we do.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Packing:
    """The tokens of texts up to their ends: [rows, width] for [batch, tokens, width]."""

    def __init__(self, ends: Tensor, tokens: int):
        self.shape = len(ends), tokens
        self.kept = (torch.arange(tokens) <= ends[:, None]).flatten().nonzero().squeeze(1)

    def pack(self, x: Tensor) -> Tensor:
        return x.flatten(0, 1)[self.kept]

    def pad(self, rows: Tensor) -> Tensor:
        batch, tokens = self.shape
        padded = rows.new_zeros(batch * tokens, rows.shape[-1]).index_copy(0, self.kept, rows)
        return padded.view(batch, tokens, -1)


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, causal: bool, packing: Packing | None = None) -> Tensor:
        def split(y: Tensor) -> Tensor:
            padded = packing.pad(y) if packing else y
            return padded.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        queries, keys, values = split(self.q_proj(x)), split(self.k_proj(x)), split(self.v_proj(x))
        mixed = F.scaled_dot_product_attention(queries, keys, values, is_causal=causal)
        joined = mixed.transpose(1, 2).flatten(2)
        return self.out_proj(packing.pack(joined) if packing else joined)


class Mlp(nn.Module):
    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))  # quick_gelu


class Layer(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.self_attn = Attention(width, config["num_attention_heads"])
        self.layer_norm1 = nn.LayerNorm(width, epsilon)
        self.mlp = Mlp(width, config["intermediate_size"])
        self.layer_norm2 = nn.LayerNorm(width, epsilon)

    def forward(self, x: Tensor, causal: bool, packing: Packing | None = None) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x), causal, packing)
        return x + self.mlp(self.layer_norm2(x))


class Encoder(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))

    def forward(self, x: Tensor, causal: bool, packing: Packing | None = None) -> Tensor:
        for layer in self.layers:
            x = layer(x, causal, packing)
        return x


class VisionEmbeddings(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        width, patch = config["hidden_size"], config["patch_size"]
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.patch_embedding = nn.Conv2d(config["num_channels"], width, patch, stride=patch, bias=False)
        self.position_embedding = nn.Embedding((config["image_size"] // patch) ** 2 + 1, width)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        token = self.class_embedding.expand(len(pixels), 1, -1)
        return torch.cat([token, patches], dim=1) + self.position_embedding.weight


class VisionTower(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.embeddings = VisionEmbeddings(config)
        self.pre_layrnorm = nn.LayerNorm(width, epsilon)  # Hugging Face spells it so.
        self.encoder = Encoder(config)
        self.post_layernorm = nn.LayerNorm(width, epsilon)

    def forward(self, pixels: Tensor) -> Tensor:
        tokens = self.encoder(self.pre_layrnorm(self.embeddings(pixels)), causal=False)
        return self.post_layernorm(tokens[:, 0])


class TextEmbeddings(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.token_embedding = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.position_embedding = nn.Embedding(config["max_position_embeddings"], config["hidden_size"])

    def forward(self, ids: Tensor) -> Tensor:
        return self.token_embedding(ids) + self.position_embedding.weight


class TextTower(nn.Module):
    def __init__(self, config: dict, packed: bool):
        super().__init__()
        self.end, self.packed = config["eos_token_id"], packed
        self.embeddings = TextEmbeddings(config)
        self.encoder = Encoder(config)
        self.final_layer_norm = nn.LayerNorm(config["hidden_size"], config["layer_norm_eps"])

    def forward(self, ids: Tensor) -> Tensor:
        ends = (ids == self.end).int().argmax(dim=1)
        tokens = self.embeddings(ids)
        if self.packed:
            packing = Packing(ends, ids.shape[1])
            rows = self.encoder(packing.pack(tokens), True, packing)
            return self.final_layer_norm(rows[(ends + 1).cumsum(0) - 1])
        return self.final_layer_norm(self.encoder(tokens, causal=True)[torch.arange(len(ids)), ends])


class DualEncoder(nn.Module):
    def __init__(self, config: dict, packed: bool = False):
        super().__init__()
        text, vision, projection = config["text_config"], config["vision_config"], config["projection_dim"]
        assert text["hidden_act"] == vision["hidden_act"] == "quick_gelu"
        self.logit_scale = nn.Parameter(torch.empty(()))
        self.text_model = TextTower(text, packed)
        self.vision_model = VisionTower(vision)
        self.visual_projection = nn.Linear(vision["hidden_size"], projection, bias=False)
        self.text_projection = nn.Linear(text["hidden_size"], projection, bias=False)

    def encode_image(self, pixels: Tensor) -> Tensor:
        return F.normalize(self.visual_projection(self.vision_model(pixels)), dim=-1)

    def encode_text(self, ids: Tensor) -> Tensor:
        return F.normalize(self.text_projection(self.text_model(ids)), dim=-1)

    def forward(self, pixels: Tensor, ids: Tensor, images: Tensor | None = None) -> Tensor:
        """The symmetric InfoNCE loss of a batch; `images` are features of its pixels that are known."""
        scale = self.logit_scale.exp().clamp(max=100)
        images = self.encode_image(pixels) if images is None else images
        logits = scale * images @ self.encode_text(ids).T
        targets = torch.arange(len(logits))
        return (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets)) / 2

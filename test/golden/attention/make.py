"""Layers of cross-attention and their gradients, in float64: attention.safetensors. See ../README.md.

The reference is torch.nn.TransformerDecoderLayer with norm_first: attention to the own sequence, attention to another
one, MLP, each behind a norm and added to what was there. Parameters are stored under the names of our layer, whose
queries, keys and values are projected by one matrix each.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

here = Path(__file__).parent
torch.manual_seed(37)

WIDTH, HIDDEN, HEADS = 12, 20, 3


def rounded(x):
    """Inputs that float32 represents exactly; the reference then goes on in float64."""
    return x.float().double()


def normal(*shape, scale=1.0):
    return rounded(torch.randn(*shape, dtype=torch.float64) * scale)


def layer():
    made = torch.nn.TransformerDecoderLayer(
        WIDTH, HEADS, HIDDEN, dropout=0, activation="gelu", layer_norm_eps=1e-5, batch_first=True, norm_first=True
    ).double()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(normal(*parameter.shape, scale=0.4))
        for norm in (made.norm1, made.norm2, made.norm3):
            norm.weight.copy_(rounded(norm.weight + 1))
    return made


def parameters(made, gradients=False):
    """Values or gradients by the names of our layer."""
    take = (lambda parameter: parameter.grad) if gradients else (lambda parameter: parameter.detach())
    named = {}
    for ours, attention in (("self_attn", made.self_attn), ("cross_attn", made.multihead_attn)):
        for kind in ("weight", "bias"):
            stacked = take(getattr(attention, f"in_proj_{kind}"))
            for name, part in zip(("q_proj", "k_proj", "v_proj"), stacked.chunk(3)):
                named[f"{ours}.{name}.{kind}"] = part
            named[f"{ours}.out_proj.{kind}"] = take(getattr(attention.out_proj, kind))
    whole = {"layer_norm1": made.norm1, "layer_norm2": made.norm2, "layer_norm3": made.norm3}
    for ours, module in {**whole, "mlp.fc1": made.linear1, "mlp.fc2": made.linear2}.items():
        for kind in ("weight", "bias"):
            named[f"{ours}.{kind}"] = take(getattr(module, kind))
    return named


def case(name, *, batch, contexts, lengths=None, chosen=None):
    """batch sequences of 5 tokens, of which the first `lengths` are words; batch/contexts in a row share a context."""
    made = layer()
    tokens = normal(batch, 5, WIDTH).requires_grad_()
    context = normal(contexts, 7, WIDTH).requires_grad_()
    words = torch.arange(5)[None, :] < torch.tensor(lengths or [5] * batch)[:, None]
    shared = context.repeat_interleave(batch // contexts, 0)
    output = made(tokens, shared, tgt_key_padding_mask=~words)
    if chosen is not None:
        output = output[:, chosen : chosen + 1]
    upstream = normal(*output.shape)
    output.backward(upstream)
    arrays = {
        "tokens": tokens.detach(),
        "context": context.detach(),
        "words": words.double(),
        "output": output.detach(),
        "upstream": upstream,
        "gradient/tokens": tokens.grad,
        "gradient/context": context.grad,
        **{f"parameter/{path}": value for path, value in parameters(made).items()},
        **{f"gradient/parameter/{path}": value for path, value in parameters(made, gradients=True).items()},
    }
    return {f"{name}/{key}": value.float().contiguous() for key, value in arrays.items()}


save_file(
    {
        **case("a-context-each", batch=3, contexts=3),
        **case("padding", batch=3, contexts=3, lengths=[5, 2, 3]),
        **case("shared-contexts", batch=6, contexts=2, lengths=[4, 5, 1, 2, 5, 3]),
        **case("one-chosen", batch=4, contexts=2, lengths=[3, 5, 2, 4], chosen=1),
    },
    here / "attention.safetensors",
)

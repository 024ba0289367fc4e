"""Values and gradients of every op, by PyTorch in float64. See ../README.md for the format of the files.

Ops of the op table carry exactly its attributes; the composite ones at the end are described in the README.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

here = Path(__file__).parent
generator = np.random.default_rng(7)
cases = []
tensors = {}


def normal(*shape, scale=1.0, offset=0.0):
    return torch.from_numpy(np.asarray(generator.standard_normal(shape) * scale + offset))


def uniform(low, high, *shape):
    return torch.from_numpy(np.asarray(generator.uniform(low, high, shape)))


def away_from_zero(*shape):
    return uniform(0.3, 2, *shape) * torch.sign(normal(*shape))


def integers(high, *shape):
    return torch.from_numpy(np.asarray(generator.integers(0, high, shape)))


def exactly(values):
    return torch.tensor(values, dtype=torch.float64)


def booleans(*shape):
    return normal(*shape) > 0


# References. Inputs come first, attributes by the names of our op table.


def reduction(function):
    return lambda x, axes, keepAxes: function(x, dim=tuple(axes), keepdim=keepAxes)


def matmul(a, b, transposeA, transposeB, scale):
    return scale * ((a.mT if transposeA else a) @ (b.mT if transposeB else b))


def gemm(a, b, bias=None, *, transposeA, transposeB):
    product = matmul(a, b, transposeA, transposeB, 1)
    return product if bias is None else product + bias


def gelu(x, approximation):
    return x * torch.sigmoid(1.702 * x) if approximation == "quick" else F.gelu(x, approximate=approximation)


def cumulative_sum(x, axis, reverse):
    return x.flip(axis).cumsum(axis).flip(axis) if reverse else x.cumsum(axis)


def gather(x, indices, axis):
    picked = x.index_select(axis, indices.reshape(-1))
    return picked.reshape(*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])


def scatter_add(x, indices, updates):
    return x.index_add(0, indices.reshape(-1), updates.reshape(-1, *x.shape[1:]))


def slices(x, starts, ends, steps):
    return x[tuple(slice(*bounds) for bounds in zip(starts, ends, steps))]


def pad(x, before, after, value):
    last_axis_first = [size for pair in zip(reversed(before), reversed(after)) for size in pair]
    return F.pad(x, last_axis_first, value=value)


def cross_entropy(logits, targets, labelSmoothing, ignoreIndex=-100):
    classes = logits.shape[-1]
    flat_targets = targets.reshape(-1) if targets.dtype == torch.int64 else targets.reshape(-1, classes)
    flat_logits = logits.reshape(-1, classes)
    return F.cross_entropy(flat_logits, flat_targets, ignore_index=ignoreIndex, label_smoothing=labelSmoothing)


def binary_cross_entropy(logits, targets, reduction):
    return F.binary_cross_entropy_with_logits(logits, targets, reduction=reduction)


def cast(x, to):
    result = x.to(getattr(torch, to))
    return result.double() if result.is_floating_point() else result


def dropout(x, mask, rate):
    return x * mask / (1 - rate)


def patch_embedding(pixels, weight, bias=None, *, stride):
    return F.conv2d(pixels, weight, bias, stride=stride).flatten(2).mT


references = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "neg": torch.neg,
    "abs": torch.abs,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "erf": torch.erf,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "gelu": gelu,
    "clamp": torch.clamp,
    "equal": torch.eq,
    "less": torch.lt,
    "lessOrEqual": torch.le,
    "not": torch.logical_not,
    "and": torch.logical_and,
    "cast": cast,
    "where": torch.where,
    "sum": reduction(torch.sum),
    "mean": reduction(torch.mean),
    "max": reduction(torch.amax),
    "logSumExp": reduction(torch.logsumexp),
    "argMax": lambda x, axis: torch.argmax(x, dim=axis),
    "cumulativeSum": cumulative_sum,
    "matmul": matmul,
    "gemm": gemm,
    "softmax": lambda x, axis: torch.softmax(x, dim=axis),
    "logSoftmax": lambda x, axis: torch.log_softmax(x, dim=axis),
    "layerNorm": lambda x, weight, bias, epsilon: F.layer_norm(x, x.shape[-1:], weight, bias, epsilon),
    "gather": gather,
    "gatherElements": lambda x, indices, axis: torch.gather(x, axis, indices),
    "scatterElements": lambda x, indices, updates, axis: torch.scatter_add(x, axis, indices, updates),
    "reshape": lambda x, shape: torch.reshape(x, shape),
    "transpose": lambda x, permutation: torch.permute(x, permutation),
    "expand": lambda x, shape: x.expand(shape),
    "slice": slices,
    "concat": lambda *inputs, axis: torch.cat(inputs, dim=axis),
    "split": lambda x, axis, sizes: torch.split(x, sizes, dim=axis),
    "pad": pad,
    "scatterAdd": scatter_add,
    "l2Normalize": lambda x, axis, epsilon: F.normalize(x, dim=axis, eps=epsilon),
    "logSigmoid": F.logsigmoid,
    "softplus": F.softplus,
    "crossEntropy": cross_entropy,
    "binaryCrossEntropyWithLogits": binary_cross_entropy,
    "patchEmbedding": patch_embedding,
    "dropout": dropout,
}


def case(op, name, *inputs, constant_inputs=(), upstream=normal, **attributes):
    """Compute one case. Inputs whose positions are in `constant_inputs` are data: they get no gradient."""
    key = f"{op}/{name}"
    assert all(key != other["name"] for other in cases), key
    inputs = [rounded(x) for x in inputs]
    leaves = [
        x.clone().requires_grad_(x.is_floating_point() and i not in constant_inputs) for i, x in enumerate(inputs)
    ]
    result = references[op](*leaves, **attributes)
    outputs = result if isinstance(result, tuple) else (result,)
    upstreams = [rounded(upstream(*y.shape)) if y.requires_grad else None for y in outputs]
    if any(y.requires_grad for y in outputs):
        torch.autograd.backward(outputs, upstreams)
    cases.append(
        {
            "op": op,
            "name": key,
            "inputs": stored(key, "input", inputs),
            "attributes": attributes,
            "outputs": stored(key, "output", outputs),
            "upstreams": stored(key, "upstream", upstreams),
            "gradients": stored(key, "gradient", [x.grad for x in leaves]),
        }
    )


def rounded(x):
    """Inputs that float32 represents exactly; the reference then goes on in float64. Halves are exact."""
    return x.float().double() if x.is_floating_point() and x.dtype != torch.float16 else x


def stored(key, role, values):
    names = []
    for i, value in enumerate(values):
        name = None if value is None else f"{key}/{role}{i}"
        if value is not None:
            value = value.detach()
            assert not value.is_floating_point() or torch.isfinite(value.float()).all(), name
            tensors[name] = (value.float() if value.dtype == torch.float64 else value).contiguous().clone()
        names.append(name)
    return names


# Shapes that broadcast against each other.
pairs = {
    "same": ((3, 4), (3, 4)),
    "scalar-right": ((2, 3), ()),
    "scalar-left": ((), (2, 3)),
    "scalars": ((), ()),
    "row": ((2, 3, 4), (4,)),
    "column": ((3, 4), (3, 1)),
    "middle-axis": ((2, 1, 4), (2, 3, 4)),
    "outer": ((3, 1), (1, 5)),
    "ranks-differ": ((5, 1, 3), (4, 3)),
    "leading": ((2, 1, 3, 1), (3, 4)),
}


def elementwise():
    for op in ["add", "sub", "mul", "div", "maximum", "minimum"]:
        for name, (left, right) in pairs.items():
            case(op, name, normal(*left), away_from_zero(*right))
    # Of two equals each side gets half the gradient.
    for op in ["maximum", "minimum"]:
        case(op, "ties", exactly([1, -2, 0, 3]), exactly([1, -2, 5, 2]))
    for op in ["equal", "less", "lessOrEqual"]:
        case(op, "ties", exactly([[1, -2, 0], [3, 4, 5]]), exactly([1, 4, 0]))

    shapes = {"scalar": (), "vector": (7,), "ones": (1, 5, 1), "cube": (2, 3, 4)}
    for name, shape in shapes.items():
        for op in ["neg", "abs", "exp", "square", "erf", "sin", "cos", "tanh", "sigmoid", "relu"]:
            case(op, name, normal(*shape, scale=2))
        for op in ["log", "sqrt"]:
            case(op, name, uniform(0.05, 9, *shape))
        case("reciprocal", name, away_from_zero(*shape))
        for approximation in ["none", "tanh", "quick"]:
            case("gelu", f"{approximation}-{name}", normal(*shape, scale=2), approximation=approximation)
        case("clamp", name, normal(*shape, scale=2), min=-1, max=1.5)

    far = exactly([-100, -30, -9, -3, 0, 3, 9, 30, 100])
    for op in ["erf", "tanh", "sigmoid", "relu", "abs"]:  # the gradient of relu and abs at 0 is 0
        case(op, "far", far)
    for approximation in ["none", "tanh", "quick"]:
        case("gelu", f"{approximation}-far", far, approximation=approximation)
    case("exp", "far", exactly([-80, -20, 0, 20, 80]))
    case("log", "far", exactly([1e-30, 1e-6, 1, 1e6, 1e30]))
    case("clamp", "borders", exactly([-2, -1, 0, 1, 2]), min=-1, max=1)  # at a border the gradient passes

    case("where", "same", booleans(3, 4), normal(3, 4), normal(3, 4))
    case("where", "mask-broadcasts", booleans(3, 1), normal(2, 3, 4), normal(2, 3, 4))
    case("where", "branches-broadcast", booleans(2, 3, 4), normal(3, 1), normal())
    case("where", "mask-is-widest", booleans(2, 1, 4), normal(3, 1), normal(4))


def reductions():
    variants = [
        ((2, 3, 4), [0]),
        ((2, 3, 4), [1]),
        ((2, 3, 4), [2]),
        ((2, 3, 4), [0, 2]),
        ((2, 3, 4), [0, 1, 2]),
        ((5,), [0]),
        ((2, 1, 3), [1]),
        ((2, 3, 4, 5), [1, 2]),
    ]
    for op in ["sum", "mean", "max", "logSumExp"]:
        for shape, axes in variants:
            for keep in [False, True]:
                name = f"{'x'.join(map(str, shape))}-axes{''.join(map(str, axes))}{'-kept' if keep else ''}"
                case(op, name, normal(*shape), axes=axes, keepAxes=keep)
    # torch.amax splits the gradient evenly among equal maxima.
    case("max", "ties", exactly([[1, 3, 3, 0], [2, 2, 2, 2], [5, 1, 1, 1]]), axes=[1], keepAxes=False)
    case("max", "ties-over-two-axes", exactly([[[1, 4], [4, 0]], [[2, 2], [1, 2]]]), axes=[1, 2], keepAxes=True)
    case("max", "negative", uniform(-9, -1, 3, 5), axes=[1], keepAxes=False)
    case("logSumExp", "large", extreme_logits(), axes=[1], keepAxes=False)
    for axis in [0, 1, 2]:
        case("argMax", f"axis{axis}", normal(2, 3, 4), axis=axis)
    case("argMax", "ties", exactly([[1, 3, 3, 0], [2, 2, 2, 2]]), axis=1)


def extreme_logits():
    return exactly(
        [
            [1000, 0, -1000, 999],
            [-1000, -1000, -1000, -1000],
            [1000, 1000, 1000, 1000],
            [-1000, -1001, -999.5, -1000.25],
            [0, 1e-3, -1e-3, 100],
        ]
    )


def matrices():
    batches = {
        "plain": ((), ()),
        "batched": ((2,), (2,)),
        "heads": ((2, 3), (2, 3)),
        "right-shared": ((2, 3), ()),
        "left-shared": ((), (4,)),
        "broadcast": ((2, 1), (1, 3)),
        "ranks-differ": ((2, 3), (3,)),
    }
    for name, (left, right) in batches.items():
        for transpose_a in [False, True]:
            for transpose_b in [False, True]:
                a = normal(*left, *((5, 3) if transpose_a else (3, 5)))
                b = normal(*right, *((4, 5) if transpose_b else (5, 4)))
                suffix = ("-ta" if transpose_a else "") + ("-tb" if transpose_b else "")
                scale = 1 if name in ["plain", "batched"] else 0.125
                case("matmul", name + suffix, a, b, transposeA=transpose_a, transposeB=transpose_b, scale=scale)
    case("matmul", "row", normal(1, 6), normal(6, 4), transposeA=False, transposeB=False, scale=1)
    case("matmul", "column", normal(4, 6), normal(6, 1), transposeA=False, transposeB=False, scale=-2)
    case("matmul", "outer", normal(4, 1), normal(1, 3), transposeA=False, transposeB=False, scale=1)
    case("matmul", "long", normal(2, 200), normal(3, 200), transposeA=False, transposeB=True, scale=0.5)
    for transpose_a in [False, True]:
        for transpose_b in [False, True]:
            a = normal(*((5, 3) if transpose_a else (3, 5)))
            b = normal(*((4, 5) if transpose_b else (5, 4)))
            suffix = ("-ta" if transpose_a else "") + ("-tb" if transpose_b else "")
            case("gemm", "plain" + suffix, a, b, transposeA=transpose_a, transposeB=transpose_b)
            case("gemm", "bias" + suffix, a, b, normal(4), transposeA=transpose_a, transposeB=transpose_b)


def normalizations():
    for op in ["softmax", "logSoftmax"]:
        for axis in [0, 1, 2]:
            case(op, f"axis{axis}", normal(2, 3, 4, scale=2), axis=axis)
        case(op, "attention", normal(2, 2, 5, 5), axis=3)
        case(op, "vector", normal(6), axis=0)
        case(op, "one-class", normal(4, 1), axis=1)
        case(op, "large", extreme_logits(), axis=1)
    masked = normal(3, 4)
    masked[0, 1:] = masked[1, :2] = torch.finfo(torch.float32).min
    case("softmax", "masked", masked, axis=1)

    for name, shape in {"vector": (8,), "rows": (3, 8), "tokens": (2, 3, 8), "wide": (2, 100)}.items():
        width = shape[-1]
        case("layerNorm", name, normal(*shape, scale=2, offset=1), normal(width, offset=1), normal(width), epsilon=1e-5)
    case("layerNorm", "epsilon-matters", normal(3, 8, scale=0.1), normal(8, offset=1), normal(8), epsilon=1e-2)
    case("layerNorm", "large-mean", normal(3, 16, offset=100), normal(16, offset=1), normal(16), epsilon=1e-6)
    constant_row = normal(3, 8)
    constant_row[1] = 0.5
    case("layerNorm", "constant-row", constant_row, normal(8, offset=1), normal(8), epsilon=1e-2)

    case("l2Normalize", "last-axis", normal(4, 6), axis=1, epsilon=1e-12)
    case("l2Normalize", "middle-axis", normal(2, 5, 3), axis=1, epsilon=1e-12)
    case("l2Normalize", "long-and-short", normal(4, 6) * exactly([[1e-6], [1e6], [1], [1e-3]]), axis=1, epsilon=1e-12)
    # Below epsilon the length is replaced by it: x/max(|x|, epsilon), as in torch.nn.functional.normalize.
    zero_row = normal(4, 6)
    zero_row[2] = 0
    zero_row[3] *= 1e-3
    case("l2Normalize", "below-epsilon", zero_row, axis=1, epsilon=0.1)


def indexing():
    for axis in [0, 1, 2]:
        case("gather", f"axis{axis}", normal(4, 5, 6), torch.tensor([3, 0, 3, 1, 3]), axis=axis)
    case("gather", "embedding", normal(11, 6), integers(11, 3, 5), axis=0)
    case("gather", "one-index", normal(4, 5), torch.tensor(2), axis=0)
    case("gather", "all-the-same", normal(4, 3), torch.full((2, 20), 1), axis=0)
    case("gather", "matrix-on-middle-axis", normal(2, 5, 3), integers(5, 2, 4), axis=1)
    for axis in [0, 1, 2]:
        case("gatherElements", f"axis{axis}", normal(4, 4, 4), integers(4, 4, 4, 4), axis=axis)
        case("scatterElements", f"axis{axis}", normal(4, 4, 4), integers(4, 4, 4, 4), normal(4, 4, 4), axis=axis)
    case("gatherElements", "target-logits", normal(5, 7), integers(7, 5, 1), axis=1)
    case("scatterElements", "collisions", normal(2, 3), torch.full((9, 3), 1), normal(9, 3), axis=0)
    case("scatterAdd", "rows", normal(5, 3), torch.tensor([4, 0, 4, 2, 4, 4, 0]), normal(7, 3))
    case("scatterAdd", "token-gradients", torch.zeros(6, 4).double(), integers(6, 3, 5), normal(3, 5, 4))
    case("scatterAdd", "vector", normal(3), torch.tensor([2, 2, 2, 0]), normal(4))
    case("scatterAdd", "cube", normal(3, 2, 2), torch.tensor([1, 1]), normal(2, 2, 2))


def layouts():
    case("reshape", "flatten", normal(2, 3, 4), shape=[24])
    case("reshape", "heads", normal(2, 5, 6), shape=[2, 5, 3, 2])
    case("reshape", "free-size", normal(2, 5, 6), shape=[-1, 6])
    case("reshape", "from-scalar", normal(), shape=[1, 1])
    case("reshape", "to-scalar", normal(1, 1), shape=[])
    for permutation in [[1, 0], [0, 2, 1], [2, 0, 1], [1, 2, 0], [0, 2, 1, 3], [3, 1, 0, 2], [0, 2, 4, 1, 3, 5]]:
        name = "".join(map(str, permutation))
        case("transpose", name, normal(*range(2, 2 + len(permutation))), permutation=permutation)
    case("expand", "row", normal(4), shape=[3, 4])
    case("expand", "scalar", normal(), shape=[2, 3])
    case("expand", "middle-axis", normal(2, 1, 3), shape=[2, 4, 3])
    case("expand", "several", normal(1, 3, 1), shape=[2, 5, 3, 4])
    case("expand", "same", normal(2, 3), shape=[2, 3])
    case("slice", "middle", normal(5, 4), starts=[1, 0], ends=[4, 4], steps=[1, 1])
    case("slice", "one", normal(2, 5, 3), starts=[0, 0, 0], ends=[2, 1, 3], steps=[1, 1, 1])
    case("slice", "all-axes", normal(4, 5, 6), starts=[1, 2, 3], ends=[3, 5, 6], steps=[1, 1, 1])
    case("slice", "stride", normal(7, 3), starts=[0, 0], ends=[7, 3], steps=[2, 1])
    case("slice", "stride-with-rest", normal(8, 9), starts=[1, 2], ends=[8, 8], steps=[3, 2])
    case("concat", "two", normal(2, 3), normal(4, 3), axis=0)
    case("concat", "three-last-axis", normal(2, 3, 1), normal(2, 3, 4), normal(2, 3, 2), axis=2)
    case("concat", "class-token", normal(2, 1, 4), normal(2, 6, 4), axis=1)
    case("concat", "one", normal(2, 3), axis=1)
    case("split", "even", normal(6, 4), axis=0, sizes=[2, 2, 2])
    case("split", "uneven", normal(2, 7, 3), axis=1, sizes=[1, 4, 2])
    case("split", "last-axis", normal(3, 9), axis=1, sizes=[3, 3, 3])
    case("split", "one", normal(3, 4), axis=1, sizes=[4])
    case("pad", "around", normal(3, 4), before=[1, 2], after=[2, 1], value=0)
    case("pad", "one-side", normal(2, 3, 4), before=[0, 0, 0], after=[0, 2, 0], value=-1.5)
    case("pad", "vector", normal(4), before=[3], after=[0], value=7)
    case("patchEmbedding", "square", normal(2, 3, 8, 8), normal(5, 3, 4, 4), stride=4)
    case("patchEmbedding", "bias", normal(2, 3, 12, 8), normal(6, 3, 4, 4), normal(6), stride=4)
    case("patchEmbedding", "cropped", normal(1, 2, 7, 10), normal(4, 2, 3, 3), normal(4), stride=3)
    case("patchEmbedding", "one-pixel", normal(2, 4, 3, 2), normal(3, 4, 1, 1), stride=1)


def losses():
    def classes(name, logits, targets, **attributes):
        attributes = {"labelSmoothing": 0.0, **attributes}
        case("crossEntropy", name, logits, targets, constant_inputs=[1], **attributes)

    classes("classes", normal(6, 5), integers(5, 6), ignoreIndex=-100)
    classes("smoothed", normal(6, 5), integers(5, 6), ignoreIndex=-100, labelSmoothing=0.1)
    classes("tokens", normal(2, 4, 7), integers(7, 2, 4), ignoreIndex=-100)
    some = torch.tensor([2, -100, 0, -100, 4, 1])
    classes("some-ignored", normal(6, 5), some, ignoreIndex=-100)
    classes("some-ignored-smoothed", normal(6, 5), some, ignoreIndex=-100, labelSmoothing=0.2)
    classes("padding-ignored", normal(2, 3, 5), torch.tensor([[3, 1, 0], [2, 0, 0]]), ignoreIndex=0)
    classes("all-ignored-but-one", normal(4, 5), torch.tensor([-100, -100, 3, -100]), ignoreIndex=-100)
    classes("large", extreme_logits(), torch.tensor([2, 0, 3, 1, 3]), ignoreIndex=-100)
    classes("large-smoothed", extreme_logits(), torch.tensor([2, 0, 3, 1, 3]), ignoreIndex=-100, labelSmoothing=0.1)
    classes("one-sample", normal(1, 3), torch.tensor([1]), ignoreIndex=-100)
    one_hot = F.one_hot(torch.tensor([[2, 0, 3, 1, 3], [0, 1, 2, 3, 0]]), 4)
    mostly_right = 0.75 * one_hot[0] + 0.25 * one_hot[1]
    soft = torch.softmax(normal(6, 5), dim=1)
    classes("soft", normal(6, 5), soft)
    classes("soft-smoothed", normal(6, 5), soft, labelSmoothing=0.1)
    classes("soft-large", extreme_logits(), mostly_right)
    several = exactly([[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    classes("several-positives", normal(4, 4), several)

    for reduction in ["none", "mean"]:
        def binary(name, logits, targets):
            name = f"{name}-{reduction}"
            case("binaryCrossEntropyWithLogits", name, logits, targets, constant_inputs=[1], reduction=reduction)

        binary("hard", normal(3, 4, scale=2), booleans(3, 4).double())
        binary("soft", normal(3, 4, scale=2), uniform(0, 1, 3, 4))
        large = exactly([[-100, 100, -100, 100], [-1000, 1000, 0, 30]])
        binary("large", large, exactly([[0, 1, 1, 0], [0, 0, 1, 0.5]]))
    for op in ["logSigmoid", "softplus"]:
        case(op, "cube", normal(2, 3, 4, scale=2))
        case(op, "scalar", normal())
        case(op, "large", exactly([-1000, -100, -30, -15, -1e-3, 0, 1e-3, 15, 30, 100, 1000]))


def booleans_and_casts():
    # Numbers of three values: of any two, a third are equal.
    for name, (left, right) in pairs.items():
        for op in ["equal", "less", "lessOrEqual"]:
            case(op, name, integers(3, *left).double(), integers(3, *right).double())
        case("and", name, booleans(*left), booleans(*right))
    for op in ["equal", "less", "lessOrEqual"]:
        case(op, "integers", integers(3, 4, 1), integers(3, 2, 1, 5))
    case("equal", "booleans", booleans(3, 4), booleans(4))
    for name, shape in {"scalar": (), "vector": (7,), "cube": (2, 3, 4)}.items():
        case("not", name, booleans(*shape))

    # Ties, the largest and smallest of halves, what lies below them and what becomes 0.
    hard = exactly([1 + 2**-11, 1 + 3 * 2**-11, -2049, 65504, 2**-14, 3 * 2**-25, 2**-26, 0.1, -300.26])
    for name, x in {"hard": hard, "cube": normal(2, 3, 4, scale=50)}.items():
        case("cast", f"float16-{name}", x, upstream=lambda *shape: normal(*shape).half(), to="float16")
    case("cast", "from-float16", normal(3, 4, scale=50).half(), constant_inputs=[0], to="float32")
    fractions = exactly([[-2.7, -1, -0.4, 0], [0.4, 1.5, 2.999, 300.25]])
    for to in ["int32", "int64", "bool"]:
        case("cast", f"{to}-from-float32", fractions, to=to)
    numbers = torch.tensor([[-(2**31), -7, 0], [1, 300, 2**31 - 1]])
    case("cast", "int32-from-int64", numbers, to="int32")
    case("cast", "int64-from-int32", numbers.int(), to="int64")
    for name, x in {"int32": integers(300, 3, 4).int(), "int64": integers(300, 3, 4), "bool": booleans(3, 4)}.items():
        case("cast", f"float32-from-{name}", x, to="float32")

    masks = {"each": (4, 3, 5), "samples": (4, 1, 1), "rows": (3, 5), "last-axis": (5,)}
    for name, shape in masks.items():
        case("dropout", name, normal(4, 3, 5), booleans(*shape), rate=0.5)
    case("dropout", "float-mask", normal(4, 6), booleans(4, 6).double(), constant_inputs=[1], rate=0.1)
    case("dropout", "nothing", normal(4, 6), torch.ones(4, 6).bool(), rate=0)
    case("dropout", "everything", normal(4, 6), torch.zeros(4, 6).bool(), rate=0.9)


def cumulative_sums():
    for axis in [0, 1, 2]:
        for reverse in [False, True]:
            case("cumulativeSum", f"axis{axis}{'-reverse' if reverse else ''}", normal(2, 3, 4), axis=axis, reverse=reverse)
    case("cumulativeSum", "int32", integers(9, 5, 3).int(), axis=1, reverse=False)


if __name__ == "__main__":
    # What is added comes last: it draws from the same stream.
    for part in [
        elementwise,
        reductions,
        matrices,
        normalizations,
        indexing,
        layouts,
        losses,
        booleans_and_casts,
        cumulative_sums,
    ]:
        part()
    lines = ",\n".join(json.dumps(each) for each in cases)
    (here / "cases.json").write_text(f"[\n{lines}\n]\n")
    save_file(tensors, here / "tensors.safetensors")
    print(f"{len(cases)} cases of {len({each['op'] for each in cases})} ops, {len(tensors)} arrays")

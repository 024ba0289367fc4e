"""Files written by Python's safetensors library, and the bits each array has once it is in memory.

written.safetensors   every dtype that visuomotor writes: its own encoder must give the same bytes
bfloat16.safetensors  read only: bfloat16 is widened to float32
sharded/              several files and their index, as save_pretrained writes large models; each with dtypes that only Python reads
sparse.safetensors    tensors as values and a bitmask: docs/compression.md
expected.json         file -> tensor -> {dtype, shape, hex of the little-endian bytes in memory}
"""

import json
from pathlib import Path

import numpy as np
import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import save_file

here = Path(__file__).parent

# Signalling and quiet NaNs with payloads, infinities, both zeros, the smallest and largest numbers.
float32_bits = [0x7F800001, 0x7FC00000, 0xFFC12345, 0x7F800000, 0xFF800000, 0x80000000, 0, 1, 0x7F7FFFFF, 0x3F800000]
half_bits = [0x7C01, 0x7E00, 0xFE55, 0x7C00, 0xFC00, 0x8000, 0, 1, 0x7BFF, 0x3C00]
bfloat16_bits = [0x7F81, 0x7FC0, 0xFFC1, 0x7F80, 0xFF80, 0x8000, 0, 1, 0x7F7F, 0x3F80]


def from_bits(bits, unsigned, dtype):
    return torch.from_numpy(np.array(bits, dtype=unsigned)).view(dtype)


written = {
    "float32": from_bits(float32_bits, np.uint32, torch.float32).reshape(2, 5),
    "float16": from_bits(half_bits, np.uint16, torch.float16).reshape(5, 1, 2),
    "int64": torch.tensor([-(2**63), 2**63 - 1, -1, 2**53 + 1]),
    "int32": torch.tensor([[-(2**31), 2**31 - 1, -1]], dtype=torch.int32),
    "int8": torch.tensor([-128, 127, -1], dtype=torch.int8),
    "uint8": torch.tensor([0, 255, 7], dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(4.6052),
    "empty": torch.zeros(0, 3),
    # Names that a careless writer would order or escape differently.
    "9": torch.tensor([9.0]),
    "10": torch.tensor([10.0]),
    'quote " backslash \\ newline \n control \x01': torch.tensor([1.0]),
    "\uffee after in UTF-16, before in UTF-8": torch.tensor([2.0]),
    "\U0001f600": torch.tensor([3.0]),
    "__proto__": torch.tensor([4.0]),
    "encoder.layers.0.weight": torch.ones(2, 2),
    "encoder.layers.10.weight": torch.ones(2, 2),
}
bfloat16 = {
    "bfloat16": from_bits(bfloat16_bits, np.uint16, torch.bfloat16).reshape(2, 5),
    "float16": from_bits(half_bits, np.uint16, torch.float16),
    "odd": torch.arange(3, dtype=torch.bfloat16),
}
sharded = {
    "float32": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "float16": torch.arange(4, dtype=torch.float16),
    "bfloat16": torch.arange(5, dtype=torch.bfloat16),
    "steps": torch.tensor([3], dtype=torch.int64),
}
unreadable = {
    "float64": torch.arange(3, dtype=torch.float64),
    "float8": torch.arange(5, dtype=torch.float32).to(torch.float8_e4m3fn),
    "int16": torch.arange(3, dtype=torch.int16),
    "complex64": torch.ones(2, dtype=torch.complex64),
    "uint64": torch.ones(1, dtype=torch.uint64),
}


def in_memory(tensor):
    widened = tensor.dtype == torch.bfloat16
    if widened:  # by bits: a conversion would make a signalling NaN quiet
        bits = tensor.contiguous().view(torch.uint16).numpy().astype(np.uint32) << 16
    array = bits if widened else tensor.contiguous().reshape(-1).view(torch.uint8).numpy()
    name = "float32" if widened else str(tensor.dtype).removeprefix("torch.")
    return {"dtype": name, "shape": list(tensor.shape), "hex": array.tobytes().hex()}


save_file(written, here / "written.safetensors", metadata={"format": "pt"})
save_file(bfloat16, here / "bfloat16.safetensors")
mixed = {name: tensor for pair in zip(sharded.items(), unreadable.items()) for name, tensor in pair} | unreadable
(here / "sharded").mkdir(exist_ok=True)
save_torch_state_dict(mixed, here / "sharded", max_shard_size=30)
files = {"written.safetensors": written, "bfloat16.safetensors": bfloat16}
expected = {file: {name: in_memory(tensor) for name, tensor in tensors.items()} for file, tensors in files.items()}
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
in_shards = {name: in_memory(tensor) for name, tensor in sharded.items()}
(here / "sharded" / "expected.json").write_text(json.dumps(in_shards, indent=1) + "\n")

# sparse.safetensors: sparse tensors, as docs/compression.md lays them out; visuomotor must write the same bytes.
matrix = np.array([0, 1, 0, 0, -2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0.5, 0, -0.25], dtype=np.float32).reshape(2, 3, 3)
present = matrix.reshape(-1) != 0
save_file(
    {
        "matrix.values": torch.from_numpy(matrix.reshape(-1)[present]),
        "matrix.mask": torch.from_numpy(np.packbits(present, bitorder="little")),
        "bias": torch.tensor([0.0, 0.0, 1.0]),
    },
    here / "sparse.safetensors",
    metadata={"sparse_tensors": json.dumps({"matrix": list(matrix.shape)}, separators=(",", ":"))},
)

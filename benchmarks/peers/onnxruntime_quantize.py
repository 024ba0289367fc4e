"""Static quantization by Python's onnxruntime: the same ONNX file, calibrated on the same inputs.

Usage: python onnxruntime_quantize.py '{"model": ..., "calibration": ..., "input": ..., "out": ..., "reduceRange": ...}'
"""

import json
import sys
import tempfile
from pathlib import Path

from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from safetensors.numpy import load_file

task = json.loads(sys.argv[1])


class Batches(CalibrationDataReader):
    """Arrays of a safetensors file, each a batch for the one input."""

    def __init__(self) -> None:
        batches = load_file(task["calibration"])
        self.rest = iter([{task["input"]: batches[name]} for name in sorted(batches)])

    def get_next(self) -> dict | None:
        return next(self.rest, None)


with tempfile.TemporaryDirectory() as folder:
    prepared = str(Path(folder) / "prepared.onnx")
    quant_pre_process(task["model"], prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        task["out"],
        Batches(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["MatMul", "Gemm"],
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=task["reduceRange"],
    )

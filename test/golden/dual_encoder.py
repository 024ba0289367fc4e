"""Stores a small random dual encoder of `transformers` together with what it computes.

Weights are drawn with a large variance, with biases and norms away from zero and one, so that a missing bias,
a wrong epsilon or a swapped axis shows. The reference is computed in float64 on the float32 weights and must
agree with the float32 model itself.
"""

import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

# Eager attention asks for its softmax in float32; the reference is to be float64 throughout.
softmax = torch.nn.functional.softmax
torch.nn.functional.softmax = lambda input, dim=None, dtype=None: softmax(input, dim=dim)


def randomize(model, seed, logit_scale, logit_bias):
    generator = np.random.default_rng(seed)
    for name, parameter in model.named_parameters():
        noise = torch.from_numpy(generator.standard_normal(parameter.shape)).float()
        is_norm = "norm" in name.lower()  # and "layrnorm"
        if name == "logit_scale":
            value = torch.full_like(parameter, logit_scale)
        elif name == "logit_bias":
            value = torch.full_like(parameter, logit_bias)
        elif name.endswith("bias"):
            value = 0.2 * noise
        elif is_norm:
            value = 1 + 0.3 * noise
        elif "embedding" in name or name.endswith("probe"):
            value = 0.3 * noise
        else:
            value = 0.2 * noise
        parameter.data.copy_(value)


def compute(model, pixel_values, input_ids, attention_mask):
    """Outputs, and the gradient of the model's own loss with respect to every parameter."""
    model.zero_grad()
    inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
    result = model(pixel_values=pixel_values, **inputs, return_loss=True)
    result.loss.backward()
    with torch.no_grad():
        image = model.get_image_features(pixel_values=pixel_values)
        text = model.get_text_features(**inputs)
    outputs = {
        "image_features": image.pooler_output,
        "text_features": text.pooler_output,
        "image_embeds": result.image_embeds,
        "text_embeds": result.text_embeds,
        "logits_per_image": result.logits_per_image,
        "loss": result.loss,
        "vision_last_hidden_state": image.last_hidden_state,
        "text_last_hidden_state": text.last_hidden_state,
    }
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    assert all(gradient is not None for gradient in gradients.values())
    return detached(outputs), detached(gradients)


def detached(tensors):
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def to_float32(tensors):
    return {name: tensor.float().contiguous() for name, tensor in tensors.items()}


def relative_error(ours, reference):
    scale = max(tensor.abs().max() for tensor in reference.values())
    return max(float((ours[name] - reference[name]).abs().max() / scale) for name in reference)


def store(directory: Path, model, *, seed, logit_scale, logit_bias=0.0, pixel_values, input_ids, attention_mask=None):
    shutil.rmtree(directory, ignore_errors=True)
    model.eval()
    assert model.config._attn_implementation == "eager"
    randomize(model, seed, logit_scale, logit_bias)
    model.save_pretrained(directory)

    single = compute(model, pixel_values, input_ids, attention_mask)
    double = compute(model.double(), pixel_values.double(), input_ids, attention_mask)
    errors = [relative_error(ours, reference) for ours, reference in zip(single, double)]
    assert max(errors) < 1e-5, errors

    inputs = {"pixel_values": pixel_values, "input_ids": input_ids}
    if attention_mask is not None:
        inputs["attention_mask"] = attention_mask
    outputs, gradients = double
    save_file(inputs, directory / "inputs.safetensors")
    save_file(to_float32(outputs), directory / "outputs.safetensors")
    save_file(to_float32(gradients), directory / "gradients.safetensors")
    print(f"{directory.name}: loss {float(outputs['loss']):.4f}, float32 differs by {errors[0]:.1e}, {errors[1]:.1e}")


def images(seed, batch, size):
    values = np.random.default_rng(seed).standard_normal((batch, 3, size, size))
    return torch.from_numpy(values).float()


def captions(seed, lengths, total, *, words, begin, end, padding):
    """Token ids: `begin`, random words, `end`, then `padding`; and the mask of what is not padding."""
    generator = np.random.default_rng(seed)
    ids = torch.full((len(lengths), total), padding)
    mask = torch.zeros(len(lengths), total, dtype=torch.int64)
    for row, length in enumerate(lengths):
        words_of_row = generator.integers(*words, size=length - 2).tolist()
        ids[row, :length] = torch.tensor([begin, *words_of_row, end])
        mask[row, :length] = 1
    return ids, mask

"""What Python's transformers makes of a folder: unit vectors of an image and of texts, as JSON.

python features.py FOLDER IMAGE TEXT…
python features.py FOLDER+ADAPTER IMAGE TEXT…    the same with an adapter of peft
"""

import json
import sys

import torch
from PIL import Image
from transformers import AutoModel, AutoProcessor

folders, image, *texts = sys.argv[1:]
folder, *adapters = folders.split("+")
model = AutoModel.from_pretrained(folder).float().eval()
for adapter in adapters:
    from peft import PeftModel

    model = PeftModel.from_pretrained(model, adapter).base_model.model.eval()
processor = AutoProcessor.from_pretrained(folder)
padding = "max_length" if model.config.model_type == "siglip" else True
inputs = processor(
    text=texts, images=Image.open(image), padding=padding, truncation=True, return_tensors="pt"
)
if model.config.model_type in ("clip", "siglip"):
    inputs.pop("attention_mask", None)  # SigLIP sees padding; CLIP's end token never does
with torch.no_grad():
    outputs = model(**inputs)
print(
    json.dumps(
        {
            "model": type(model).__name__,
            "image": outputs.image_embeds[0].tolist(),
            "texts": outputs.text_embeds.tolist(),
        }
    )
)

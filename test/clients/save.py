"""Save a CLIPModel of fresh weights, in half precision, with the tokenizer and processor of a bundle.

python save.py BUNDLE FOLDER
"""

import sys

import torch
from transformers import AutoConfig, AutoProcessor, CLIPModel

bundle, folder = sys.argv[1:]
torch.manual_seed(3)
CLIPModel(AutoConfig.from_pretrained(bundle)).half().save_pretrained(folder)
AutoProcessor.from_pretrained(bundle).save_pretrained(folder)

"""Write golden.json and siglip/golden.json: the ids that Python gives for the tokenizers in these folders.

tokenizer.json and tokenizer_config.json are what our trainer makes of captions.txt; the parity test writes them:
`npx vitest run tokenizer-parity --update`. This script loads them as `tokenizers`, as AutoTokenizer and as
CLIPTokenizerFast of transformers, insists that the three agree, and stores their answer.

siglip/ holds a tokenizer built as SigLIP's: unigram pieces, punctuation dropped, an end token that also pads, no
start token. Its training does not give the same bytes twice, so it is kept where it exists.

    pip install transformers==5.24.0 tokenizers==0.23.3
    python test/golden/tokenizer/make.py
"""

import json
import random
from pathlib import Path

import tokenizers
import transformers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

folder = Path(__file__).parent
length = 16
captions = (folder / "captions.txt").read_text(encoding="utf-8").splitlines()

edge_cases = [
    "",
    " ",
    "\n\t ",
    "a",
    "  Pick   UP\tthe\nRED cup  ",
    "it's, they're, I've, I'm, you'll, he'd, don't, 'S 'RE",
    "x" * 300,
    "cup " * 100,
    "12³ ½ Ⅷ ٣",
    "___a_b-c--d",
    "<|endoftext|>",
    "<|startoftext|> cup <|endoftext|>",
    "cup<|endoftext|>cup",
    "<|STARTOFTEXT|> <|endOfText|>",
    "cup<|ENDOFTEXT|>!<|ENDOFTEXT|>\u200d<|StartOfText|><|EndOfText|>?",
    "👩🏽‍🚀🇩🇪🏳️‍🌈❤️",
    "ΟΔΟΣ ΣΑΣ Σ ς",  # Python lowers Σ to σ everywhere, JavaScript's toLowerCase to ς at the end of a word
    "İstanbul ISPARTA ı",
    "n\u0303 \u00f1 \u212b \u2126 K",  # NFC
    "ẞ ß ﬁ ᾼ ᾳ",
    "क्षत्रिय ไทย 한국어 العربية",
    "\ufeffx \ufeff!\ufeff a\u0085b \u00a0 \u2003x\u200bx \u180e",  # not the same white space everywhere
    "\x00\x01\x1f\x7f",
    "\U0001d4d0\U00020000",
]

# Blocks whose letters have not changed since long: Python and Node may know different versions of Unicode.
blocks = [(0x20, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x900, 0x97F), (0x2000, 0x206F), (0x3041, 0x30FF)]
blocks += [(0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0x1F600, 0x1F64F)]
draw = random.Random(0)
noise = [
    "".join(chr(draw.randint(*draw.choice(blocks))) for _ in range(draw.randint(1, 24))) for _ in range(80)
]


def siglip():
    file = folder / "siglip" / "tokenizer.json"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        build_siglip().save(str(file))
        config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length, "pad_token": "</s>"}
        (folder / "siglip" / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    tokenizer = tokenizers.Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=tokenizer.token_to_id("</s>"), pad_token="</s>")
    encoded = [(text, tokenizer.encode(text)) for text in captions[::8] + edge_cases]
    rows = [{"text": text, "inputIds": row.ids, "attentionMask": row.attention_mask} for text, row in encoded]
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    (folder / "siglip" / "golden.json").write_text(f"[\n{lines}\n]\n")


def build_siglip():
    tokenizer = tokenizers.Tokenizer(models.Unigram())
    punctuation = tokenizers.Regex(r"[!\"#\$%\&'\(\)\*\+,\-\.:;=\?@\[\]\\\^_`\{\|\}\~]+")
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            normalizers.Replace(punctuation, ""),
            normalizers.Replace(tokenizers.Regex(r"\s+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["</s>", "<unk>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(captions, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 0)])
    return tokenizer


def clip():
    raw = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    auto = transformers.AutoTokenizer.from_pretrained(folder)
    fast = transformers.CLIPTokenizerFast.from_pretrained(folder)
    rows = []
    for text in captions[::8] + edge_cases + noise:
        ids = raw.encode(text).ids
        assert auto(text)["input_ids"] == ids == fast(text)["input_ids"], text
        padded = auto(text, padding="max_length", truncation=True, max_length=length)
        rows.append(
            {
                "text": text,
                "ids": ids,
                "inputIds": padded["input_ids"],
                "attentionMask": padded["attention_mask"],
                "decoded": auto.decode(ids, skip_special_tokens=True),
            }
        )
    golden = {
        "madeBy": f"tokenizers {tokenizers.__version__}, transformers {transformers.__version__}",
        "length": length,
        "modelMaxLength": auto.model_max_length,
        "vocabularySize": len(auto),
        "startId": auto.bos_token_id,
        "endId": auto.eos_token_id,
        "padId": auto.pad_token_id,
        "unknownId": auto.unk_token_id,
    }
    lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
    head = json.dumps(golden, indent=2)[:-2]
    (folder / "golden.json").write_text(f'{head},\n  "texts": [\n{lines}\n]}}\n')


clip()
siglip()

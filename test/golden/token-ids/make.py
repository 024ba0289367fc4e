"""Write, for tokenizers as Hugging Face's folders hold them, random texts and the ids that Python gives for them.

clip/       CLIPTokenizer of transformers, with added tokens of every kind; also as vocab.json and merges.txt
siglip/     unigram pieces with SigLIP's normalizer, a precompiled table of characters among it, as tokenizer.json of
            google/siglip-* has it
siglip2/    Siglip2Tokenizer of transformers: byte-pair encoding with bytes for what is unknown
bert/       word pieces with BERT's normalizer and words, of transformers' BertTokenizer; bert-cased/ keeps letters and accents
*/ids.json  [text, ids] for each text

    pip install transformers==5.24.0 tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
    python test/golden/token-ids/make.py
"""

import json
import random
import shutil
import tempfile
from pathlib import Path

import sentencepiece
import tokenizers
import transformers

from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers, processors

here = Path(__file__).parent
captions = (here.parent / "tokenizer" / "captions.txt").read_text(encoding="utf-8").splitlines()
words = sorted({word for caption in captions for word in caption.split()})

added = [
    AddedToken("red cup"),  # with a space, in the form that the normalizer gives
    AddedToken("Left Arm"),  # the normalizer makes it lower case, in the text too
    AddedToken("Tool Tip", normalized=False),  # in this spelling only
    AddedToken("ΟΔΟΣ"),
    AddedToken("<obj>", normalized=False),
    AddedToken("<Obj 2>", normalized=False),
    AddedToken("[grip]", lstrip=True, rstrip=True),
    AddedToken("[GO]", rstrip=True, normalized=False),
    AddedToken("zap", single_word=True),
    AddedToken("Ω7", single_word=True, normalized=False),
    AddedToken("<|action|>", special=True),
    AddedToken("\ufeffbom", normalized=False),
]
spellings = [token.content for token in added]
special = ["<|startoftext|>", "<|endoftext|>", "</s>", "<unk>", "<eos>", "<pad>", "<bos>"]
spaces = ["", "", " ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u0085", "\u2003", "\u3000", "\ufeff", "\u200b", "\u200d"]
marks = ["'s", "'S", "'ll", "!", "?!", "...", "-", "_", "__", "/", "<", ">", "|", "[", "]", '"', "\\", "$&", "$1", "▁", "½", "12", "³", "٣"]
letters = ["Σ", "ΣΑΣ", "ΟΔΟΣ", "οδός", "ς", "İ", "I", "ß", "ẞ", "ﬁ", "ǆ", "Å", "Å", "e\u0301", "é", "n\u0303", "x\u0301\u0302", "가", "각"]
letters += ["日本", "ｆｕｌｌ", "①", "ℌ", "👍🏽", "👩🏽‍🚀", "🇩🇪", "❤️", "क्षत्रि", "ไทย", "العربية", "\x00", "\x1f", "\x7f", "\U0001d4d0"]
blocks = [(0x20, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x2000, 0x206F), (0x3041, 0x30FF), (0xAC00, 0xD7A3)]


def piece(draw):
    kind = draw.random()
    if kind < 0.3:
        return draw.choice(words)
    if kind < 0.36:
        return draw.choice(words).upper()
    if kind < 0.56:
        text = draw.choice(spellings)
        return draw.choice([text, text, text, text.upper(), text.lower(), text.replace(" ", "  ")])
    if kind < 0.66:
        text = draw.choice(special)
        return draw.choice([text, text, text.upper(), text.title()])
    if kind < 0.78:
        return draw.choice(letters)
    if kind < 0.88:
        return draw.choice(marks)
    return "".join(chr(draw.randint(*draw.choice(blocks))) for _ in range(draw.randint(1, 4)))


def texts(seed, count):
    draw = random.Random(seed)
    edge = ["", " ", "\n", "\ufeff", "\u0085", "Σ", "<|ENDOFTEXT|>", "</S>", "▁", "red cup", " red cup ", "RED CUP", "Tool Tip"]
    drawn = (
        "".join(piece(draw) + draw.choice(spaces) for _ in range(draw.randint(1, 6))) for _ in range(count - len(edge))
    )
    return edge + [text.rstrip(" ") if draw.random() < 0.5 else text for text in drawn]


def write_ids(folder, encode, seed, count):
    rows = ",\n".join(json.dumps([text, encode(text)], ensure_ascii=False, separators=(",", ":")) for text in texts(seed, count))
    (folder / "ids.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8", newline="")


def empty(name):
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def compact(folder):
    """Rewrite JSON files without indentation and drop what Python writes beside them."""
    for file in folder.iterdir():
        if file.name == "ids.json":
            continue
        content = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def clip():
    folder = empty("clip")
    model = json.loads((here.parent / "tokenizer" / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    merges = [tuple(pair.split(" ")) for pair in model["merges"]]
    tokenizer = transformers.CLIPTokenizer(vocab=model["vocab"], merges=merges, model_max_length=16)
    tokenizer.add_tokens(added)
    tokenizer.save_pretrained(folder)
    from_file = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    again = transformers.AutoTokenizer.from_pretrained(folder)

    # The same tokenizer as older folders hold it.
    with tempfile.TemporaryDirectory() as old:
        from_file.model.save(old)
        config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
        flags = ["content", "lstrip", "rstrip", "normalized", "single_word", "special"]
        decoder = tokenizer.added_tokens_decoder
        tokens = {str(id): {flag: getattr(token, flag) for flag in flags} for id, token in decoder.items()}
        config["added_tokens_decoder"] = tokens
        (Path(old) / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
        parts = transformers.CLIPTokenizer.from_pretrained(old)
        (folder / "old_tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")

    def encode(text):
        ids = from_file.encode(text).ids
        assert again(text)["input_ids"] == ids, repr(text)
        assert parts(text)["input_ids"] == ids, (repr(text), ids, parts(text)["input_ids"])
        return ids

    write_ids(folder, encode, 1, 1500)
    compact(folder)


# Rules of a table of characters, as SentencePiece reads them: source, target, in hexadecimal code points.
rules = [("ﬁ", "fi"), ("①", "1"), ("ℌ", "H"), ("Å", "å"), ("e\u0301", "é"), ("\u3000", " "), ("\ufeff", " "), ("\u200b", " "), ("가", "각각")]
rules += [("\u00a0", " "), ("\u0085", " "), ("\t", " "), ("\x1f", ""), ("👍🏽", "👍"), ("x", "xx")]
rules += [(chr(0xFF41 + i), chr(0x61 + i)) for i in range(26)]


def siglip_model():
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "rules.tsv"
        lines = (" ".join(f"{ord(c):x}" for c in a) + "\t" + " ".join(f"{ord(c):x}" for c in b) for a, b in rules)
        table.write_text("\n".join(lines) + "\n")
        (Path(folder) / "captions.txt").write_text("\n".join(captions), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/captions.txt",
            model_prefix=f"{folder}/m",
            vocab_size=200,
            normalization_rule_tsv=str(table),
            pad_id=0,
            eos_id=1,
            unk_id=2,
            bos_id=-1,
            num_threads=1,
            minloglevel=2,
        )
        proto = sentencepiece_model_pb2.ModelProto()
        proto.ParseFromString((Path(folder) / "m.model").read_bytes())
        return proto


def siglip():
    folder = empty("siglip")
    proto = siglip_model()
    vocabulary = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = tokenizers.Tokenizer(models.Unigram(vocabulary, unk_id=2, byte_fallback=False))
    punctuation = Regex(r"[!\"\#\$%\&'\(\)\*\+,\-\./:;<=>\?@\[\\\]\^_`\{\|\}\~]")
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Lowercase(),
            normalizers.Replace(punctuation, ""),
            normalizers.Replace(Regex(r"\s+"), " "),
            normalizers.Strip(),
            normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
            normalizers.Strip(left=False, right=True),
            normalizers.Replace(Regex(" {2,}"), "▁"),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    options = {"lstrip": True, "rstrip": True, "normalized": False}
    tokenizer.add_special_tokens([AddedToken(name, **options) for name in ["</s>", "<unk>"]])
    tokenizer.add_tokens(added)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 16, "pad_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
    fast = transformers.AutoTokenizer.from_pretrained(folder)

    def encode(text):
        ids = tokenizer.encode(text).ids
        assert fast(text)["input_ids"] == ids, text
        return ids

    write_ids(folder, encode, 2, 1500)
    compact(folder)


def siglip2():
    folder = empty("siglip2")
    alphabet = sorted({c for caption in captions for c in caption.lower().replace(" ", "▁")})
    vocabulary = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"] + [f"<0x{i:02X}>" for i in range(256)] + alphabet
    merges = []
    for word in ["▁red", "▁cup", "▁the", "ing", "▁left", "of", "▁▁"]:
        for end in range(2, len(word) + 1):
            pair = (word[: end - 1], word[end - 1])
            if pair not in merges:
                merges.append(pair)
    vocabulary += [a + b for a, b in merges if a + b not in vocabulary]
    tokenizer = transformers.Siglip2Tokenizer(
        vocab={token: id for id, token in enumerate(vocabulary)}, merges=merges, model_max_length=16
    )
    tokenizer.add_tokens(added)
    tokenizer.save_pretrained(folder)
    from_file = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    again = transformers.Siglip2Tokenizer.from_pretrained(folder)

    def encode(text):
        ids = from_file.encode(text).ids
        assert again(text)["input_ids"] == ids, text
        return ids

    write_ids(folder, encode, 3, 300)
    compact(folder)


def word_pieces():
    """Special tokens, characters as beginnings and continuations, the more frequent words, and beginnings and ends of words."""
    plain = sorted({c for caption in captions for c in caption} | {c.lower() for caption in captions for c in caption})
    others = list("éß日本가ᄀ") + ["ά", "σ", "ς", "ο", "δ", "क", "👍", "½", "1", "2", "?", "…", "\u0301"]
    characters = sorted({c for c in plain + others if not c.isspace()})
    parts = ["##" + c for c in characters] + ["##ing", "##ed", "##s", "the", "Re", "re", "##obo"]
    frequent = [word for word in words if sum(caption.split().count(word) for caption in captions) > 2]
    return list(dict.fromkeys(["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *parts, *frequent]))


def bert(name, seed, lower):
    folder = empty(name)
    vocabulary = {token: id for id, token in enumerate(word_pieces())}
    tokenizer = transformers.BertTokenizer(vocab=vocabulary, do_lower_case=lower, model_max_length=16)
    tokenizer.add_tokens(added[:4] + added[6:7])
    tokenizer.save_pretrained(folder)
    from_file = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    again = transformers.AutoTokenizer.from_pretrained(folder)

    def encode(text):
        ids = from_file.encode(text).ids
        assert again(text)["input_ids"] == ids, text
        return ids

    special.extend(["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"])
    letters.extend(["𠀀", "𪜀", "豈", "丽", "ﾊ", "\U0001f9ff", "\u0378", "\ue000", "\u2028", "\u180e", "\u0c3e"])
    write_ids(folder, encode, seed, 1000)
    compact(folder)


clip()
siglip()
siglip2()
bert("bert", 4, True)
bert("bert-cased", 5, False)

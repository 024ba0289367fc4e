import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CheckpointError } from '../../core/index.ts'
import { clipTokenizerJson, endToken, startToken, type TokenizerFiles } from './clip-scheme.ts'
import type { JsonObject } from './tokenizer.ts'

/** Files of older folders of CLIP: tokens with their ids, pairs in the order of merging, tokens added later. */
const old = { vocabulary: 'vocab.json', merges: 'merges.txt', added: 'added_tokens.json' } as const

/** Models of SentencePiece, which only its own library reads. */
const sentencePieceFiles = ['spiece.model', 'tokenizer.model']

/**
 * Read the tokenizer of a folder: `tokenizer.json` and `tokenizer_config.json`, or what older folders of CLIP have in place
 * of the first, `vocab.json` and `merges.txt`.
 * @throws CheckpointError `tokenizer/missing` for a file that cannot be read, with the way to make it;
 * `tokenizer/unusable` for one that is not JSON.
 */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const has = (name: string) => existsSync(join(folder, name))
  if (has('tokenizer.json') || !has(old.vocabulary)) {
    return { json: readJson(folder, 'tokenizer.json'), config: readJson(folder, 'tokenizer_config.json') }
  }
  const config = readJson(folder, 'tokenizer_config.json')
  const { tokenizer_class: kind = 'CLIPTokenizer' } = config
  if (kind !== 'CLIPTokenizer' && kind !== 'CLIPTokenizerFast') {
    const problem = `holds ${old.vocabulary} of a ${kind}; without tokenizer.json only those of CLIPTokenizer can be read`
    throw missing(folder, 'tokenizer.json', `${folder} ${problem}. ${inPython}`)
  }
  return { json: clipJson(folder, config), config }
}

/** `tokenizer.json` as Python's CLIPTokenizer makes it of vocabulary and merges. */
function clipJson(folder: string, config: JsonObject): JsonObject {
  const vocabulary = readJson(folder, old.vocabulary) as Readonly<Record<string, number>>
  const merges = read(folder, old.merges)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line, i) => line !== '' && !(i === 0 && line.startsWith('#version')))
  const special = {
    start: tokenOf(config.bos_token, startToken),
    end: tokenOf(config.eos_token, endToken),
    unknown: tokenOf(config.unk_token, endToken),
  }
  return clipTokenizerJson({ vocabulary, merges, special, added: addedLater(folder, vocabulary) })
}

/** Tokens of `added_tokens.json`. As in Python they get the ids behind the vocabulary, in the order of those of the file. */
function addedLater(folder: string, vocabulary: Readonly<Record<string, number>>) {
  if (!existsSync(join(folder, old.added))) return []
  const ids = readJson(folder, old.added) as Readonly<Record<string, number>>
  let next = Object.keys(vocabulary).length
  return Object.entries(ids)
    .sort(([, a], [, b]) => a - b)
    .map(([content]) => ({ id: vocabulary[content] ?? next++, content, normalized: true, special: false }))
}

/** A special token stands in a config as text, or as an object with its flags. */
const tokenOf = (value: unknown, otherwise: string): { readonly content: string } => {
  if (typeof value === 'string') return { content: value }
  return (value as { content: string } | null | undefined) ?? { content: otherwise }
}

const inPython =
  'Make the file in Python: AutoTokenizer.from_pretrained(folder).save_pretrained(folder), from transformers'

function read(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8')
  } catch (cause) {
    throw missing(folder, name, `${join(folder, name)} cannot be read: ${wayTo(folder, name)}`, cause)
  }
}

function wayTo(folder: string, name: string): string {
  const model = sentencePieceFiles.find((file) => existsSync(join(folder, file)))
  if (name !== 'tokenizer.json' || model === undefined) {
    return 'a tokenizer is tokenizer.json and tokenizer_config.json'
  }
  return (
    `${model} alone is not enough. Take tokenizer.json from the model's page at Hugging Face, or make it in Python: ` +
    'AutoTokenizer.from_pretrained(folder, use_fast=True).save_pretrained(folder), from transformers'
  )
}

const missing = (folder: string, name: string, message: string, cause?: unknown): CheckpointError =>
  new CheckpointError('tokenizer/missing', message, { folder, name }, { cause })

function readJson(folder: string, name: string): JsonObject {
  const text = read(folder, name)
  try {
    return JSON.parse(text) as JsonObject
  } catch (cause) {
    const message = `${join(folder, name)} is not JSON: ${(cause as Error).message}. Copy the whole folder again`
    throw new CheckpointError('tokenizer/unusable', message, { folder, name }, { cause })
  }
}

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AutoTokenizer } from '@huggingface/transformers'
import { expect, test } from 'vitest'
import { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const folder = fileURLToPath(new URL('../../../test/golden/tokenizer/', import.meta.url))
const read = (name: string): string => readFileSync(`${folder}${name}`, 'utf8')

interface Golden {
  readonly length: number
  readonly modelMaxLength: number
  readonly vocabularySize: number
  readonly startId: number
  readonly endId: number
  readonly padId: number
  readonly unknownId: number
  readonly texts: readonly {
    readonly text: string
    readonly ids: number[]
    readonly inputIds: number[]
    readonly attentionMask: number[]
    readonly decoded: string
  }[]
}
const golden: Golden = JSON.parse(read('golden.json'))

// After `vitest run tokenizer-parity --update` run make.py, which asks Python for the ids of the new files.
test('trainBpe writes the files that Python has read', async () => {
  const files = trainBpe(read('captions.txt').split('\n'), { vocabularySize: 768, length: golden.length })
  await expect(JSON.stringify(files.json)).toMatchFileSnapshot(`${folder}tokenizer.json`)
  await expect(JSON.stringify(files.config)).toMatchFileSnapshot(`${folder}tokenizer_config.json`)
})

test('encodes and decodes as tokenizers and transformers do in Python', () => {
  const tokenizer = Tokenizer.fromFolder(folder)
  const { vocabularySize, startId, endId, padId, unknownId } = tokenizer
  expect(golden).toMatchObject({ vocabularySize, startId, endId, padId, unknownId })
  expect(tokenizer.config.model_max_length).toBe(golden.modelMaxLength)
  for (const { text, ids, inputIds, attentionMask, decoded } of golden.texts) {
    expect(tokenizer.encode(text, ids.length).inputIds, text).toEqual(ids)
    expect(tokenizer.encode(text, golden.length), text).toMatchObject({ inputIds, attentionMask })
    // Python's strip() and JavaScript's trim() do not agree about U+FEFF.
    expect(tokenizer.decode(ids), text).toBe(decoded.trim())
  }
})

test('encodes as transformers.js does from the same folder', async () => {
  const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true })
  for (const { text, ids } of golden.texts) expect(tokenizer.encode(text), text).toEqual(ids)
})

test('encodes as tokenizers does in Python with a tokenizer like SigLIP’s', () => {
  const tokenizer = Tokenizer.fromFolder(`${folder}siglip`)
  const rows: Omit<Golden['texts'][number], 'ids' | 'decoded'>[] = JSON.parse(read('siglip/golden.json'))
  for (const { text, inputIds, attentionMask } of rows) {
    expect(tokenizer.encode(text, golden.length), text).toMatchObject({ inputIds, attentionMask })
  }
})

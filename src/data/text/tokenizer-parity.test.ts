import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AutoTokenizer } from '@huggingface/transformers'
import fc from 'fast-check'
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

/** Texts of many kinds that are longer than any row. */
const parts = [
  'a',
  'ab',
  'cat',
  'red cup ',
  '12',
  '!',
  '. ',
  '\n',
  '  ',
  'é',
  '🙂',
  'the robot picks ',
  'zzzq',
  "'s",
]
const longText = fc.array(fc.tuple(fc.constantFrom(...parts), fc.integer({ min: 1, max: 400 })), {
  minLength: 1,
  maxLength: 20,
})

test.each(['', 'siglip'])('the beginning of a long text has the ids that it has in the whole: %s', (name) => {
  const tokenizer = Tokenizer.fromFolder(`${folder}${name}`)
  const special = tokenizer.encode('', 2).tokens
  fc.assert(
    fc.property(longText, fc.integer({ min: 2, max: 77 }), (pieces, length) => {
      const text = pieces.map(([part, times]) => part.repeat(times)).join('')
      const whole = tokenizer.encode(text, 2 * Buffer.byteLength(text) + special) // so long that all of it is read
      const { inputIds, tokens } = tokenizer.encode(text, length)
      expect(tokens > length).toBe(whole.tokens > length)
      const kept = Math.min(length, whole.tokens) - (tokens > length && tokenizer.endId !== undefined ? 1 : 0)
      expect(inputIds.slice(0, kept)).toEqual(whole.inputIds.slice(0, kept))
    }),
    { numRuns: 60, seed: 7 },
  )
})

test.each(['', 'siglip'])('a text of 1 MB takes no longer than its beginning: %s', (name) => {
  const tokenizer = Tokenizer.fromFolder(`${folder}${name}`)
  const word = Array.from({ length: 1e6 }, (_, i) => 'abcdefghij'[(i * i + 7 * i) % 10]).join('')
  tokenizer.encode(word, 77)
  const start = performance.now()
  for (let i = 0; i < 10; i++) tokenizer.encode(word, 77)
  expect((performance.now() - start) / 10).toBeLessThan(200)
})

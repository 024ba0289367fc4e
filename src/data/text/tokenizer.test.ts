import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CheckpointError, ConfigError } from '../../core/index.ts'
import { Tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const files = trainBpe(
  ['pick up the red cup', 'put the red cup left of the blue cup', 'a photo of 12 cups, 3 red and 9 blue!'],
  { vocabularySize: 560 },
)
const tokenizer = Tokenizer.fromJson(files.json, files.config)
const { startId, endId = -1 } = tokenizer
const tokensOf = (text: string): number[] => tokenizer.encode(text, 8 * text.length + 2).inputIds

describe('Tokenizer', () => {
  test('knows its special tokens and its size', () => {
    const { vocabularySize, startId, endId, padId, unknownId } = tokenizer
    expect({ startId, endId, padId, unknownId }).toEqual({
      startId: vocabularySize - 2,
      endId: vocabularySize - 1,
      padId: vocabularySize - 1,
      unknownId: vocabularySize - 1,
    })
  })

  test('frames a text with start and end and pads it', () => {
    const { inputIds, attentionMask } = tokenizer.encode('cup', 6)
    expect(inputIds[0]).toBe(tokenizer.startId)
    expect(inputIds.slice(2)).toEqual(new Array(4).fill(tokenizer.endId))
    expect(attentionMask).toEqual([1, 1, 1, 0, 0, 0])
  })

  test('keeps the end token when it cuts', () => {
    const whole = tokenizer.encode('the red cup left of the blue cup', 32).inputIds
    const { inputIds, attentionMask, tokens } = tokenizer.encode('the red cup left of the blue cup', 4)
    expect(tokens).toBe(whole.indexOf(tokenizer.endId!) + 1)
    expect(inputIds).toEqual([...whole.slice(0, 3), tokenizer.endId])
    expect(attentionMask).toEqual([1, 1, 1, 1])
    expect(tokenizer.encode('cup', 2).inputIds).toEqual([tokenizer.startId, tokenizer.endId])
  })

  test('encodes the empty text as start and end', () => {
    expect(tokenizer.encode('', 3)).toEqual({
      inputIds: [tokenizer.startId, tokenizer.endId, tokenizer.padId],
      attentionMask: [1, 1, 0],
      tokens: 2,
    })
    expect(tokenizer.encode(' \n\t', 3)).toEqual(tokenizer.encode('', 3))
    expect(tokenizer.decode([])).toBe('')
  })

  test('gives back any text of its corpus’ alphabet', () => {
    const word = fc.string({ unit: fc.constantFrom(...'pickutheredlfobas'), minLength: 1, maxLength: 12 })
    const text = fc.array(fc.oneof(word, fc.constantFrom('1', '2', '!', ','))).map((words) => words.join(' '))
    fc.assert(
      fc.property(text, (text) => {
        expect(tokenizer.decode(tokensOf(text))).toBe(text)
      }),
      { seed: 7 },
    )
  })

  test('gives back every character of any text in lower case, spaces aside, and no unknown token', () => {
    const bare = (text: string): string => text.normalize('NFC').replaceAll('Σ', 'σ').toLowerCase()
    const withoutSpace = (text: string): string => text.replaceAll(/\p{White_Space}/gu, '')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const ids = tokensOf(text)
        expect(withoutSpace(tokenizer.decode(ids))).toBe(withoutSpace(bare(text)))
        expect(tokensOf(tokenizer.decode(ids)).filter((id) => id < tokenizer.startId!)).toEqual(
          ids.filter((id) => id < tokenizer.startId!),
        )
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  test('encodes word by word as it does the whole text', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'red',
        'CUP',
        "it's",
        '<|endoftext|>',
        '\n',
        '\t',
        '\u00a0',
        'e\u0301',
        'Σ',
        '2',
        '!?',
        '',
      ),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    )
    const whole = new HuggingFaceTokenizer(files.json, files.config)
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const { ids } = whole.encode(words.join(' '))
        expect(tokenizer.encode(words.join(' '), ids.length).inputIds).toEqual(ids)
      }),
      { seed: 7 },
    )
  })

  test('takes special tokens as they are written only', () => {
    expect(tokenizer.encode('<|endoftext|>', 3).inputIds).toEqual([startId, endId, endId])
    expect(tokenizer.encode('<|ENDOFTEXT|>', 32).inputIds.indexOf(endId)).toBeGreaterThan(3)
  })

  test('takes broken surrogates, emoji and very long text', () => {
    expect(tokenizer.decode(tokensOf('\ud800 robot'))).toBe('\ufffd robot')
    expect(tokenizer.decode(tokensOf('👩🏽‍🚀 naïve'))).toBe('👩🏽‍🚀 naïve')
    expect(tokenizer.encode('cup '.repeat(50_000), 77).inputIds).toHaveLength(77)
    expect(tokenizer.encode('x'.repeat(200_000), 77).inputIds).toHaveLength(77)
  })

  test('refuses a length without room for the special tokens', () => {
    expect(() => tokenizer.encode('cup', 1)).toThrow(ConfigError)
    expect(() => tokenizer.encode('cup', 2.5)).toThrow(ConfigError)
  })
})

describe('Tokenizer.fromFolder', () => {
  test('reads what a bundle holds', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tokenizer-'))
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(files.json))
    expect(() => Tokenizer.fromFolder(folder)).toThrow(/tokenizer_config\.json cannot be read/)
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(files.config))
    expect(Tokenizer.fromFolder(folder).encode('red cup', 8)).toEqual(tokenizer.encode('red cup', 8))
    writeFileSync(join(folder, 'tokenizer.json'), '{"model": ')
    expect(() => Tokenizer.fromFolder(folder)).toThrow(CheckpointError)
  })

  test('names what is wrong', () => {
    expect(() => Tokenizer.fromJson('{}')).toThrow(/cannot be used/)
    expect(() => Tokenizer.fromFolder('/nowhere')).toThrow(/nowhere/)
  })
})

test('a tokenizer without an end token needs a token to pad with', () => {
  const json = { ...files.json, post_processor: null }
  expect(() => Tokenizer.fromJson(json)).toThrow(/no token to pad with/)
  const bare = Tokenizer.fromJson(json, { pad_token: '!' })
  expect([bare.startId, bare.endId, bare.padId]).toEqual([undefined, undefined, 0])
  expect(bare.encode('!', 2)).toEqual({ inputIds: [256, 0], attentionMask: [1, 0], tokens: 1 })
})

describe('a tokenizer like SigLIP’s', () => {
  const json = {
    ...files.json,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<|endoftext|>', type_id: 0 } }],
      pair: [],
      special_tokens: {},
    },
  }

  test('adds an end token only, and pads with the token its config names', () => {
    const siglip = Tokenizer.fromJson(json, { pad_token: { content: '!' } })
    expect(siglip.startId).toBeUndefined()
    expect(siglip.encode('cup', 4).inputIds.slice(1)).toEqual([siglip.endId, 0, 0])
    expect(siglip.encode('cup cup cup', 2).inputIds[1]).toBe(siglip.endId)
  })
})

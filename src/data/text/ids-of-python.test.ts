import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type JsonObject, Tokenizer } from './tokenizer.ts'

const golden = join(import.meta.dirname, '../../../test/golden/token-ids')
const read = (name: string): string => readFileSync(join(golden, name), 'utf8')
const clip = JSON.parse(read('clip/tokenizer.json'))
const oldConfig = JSON.parse(read('clip/old_tokenizer_config.json'))

const root = mkdtempSync(join(tmpdir(), 'ids-of-python-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Require that each text gets the ids that Python gave it, and show those that do not. */
function expectIds(
  tokenizer: Tokenizer,
  texts: readonly (readonly [text: string, ids: readonly number[]])[],
) {
  const found = texts.map(([text, ids]) => {
    const { inputIds, tokens } = tokenizer.encode(text, Math.max(ids.length, 2))
    return [text, inputIds.slice(0, tokens), tokens]
  })
  const different = found.filter(
    ([, ids, tokens], i) => `${ids} ${tokens}` !== `${texts[i]![1]} ${texts[i]![1].length}`,
  )
  expect(different).toEqual([])
}

test.each([
  ['clip', 1500],
  ['siglip', 1500],
  ['siglip2', 300],
  ['bert', 1000],
  ['bert-cased', 1000],
] as const)('%s: %i random texts get the ids that Python gives', (name, count) => {
  const texts = JSON.parse(read(`${name}/ids.json`))
  expect(texts).toHaveLength(count)
  expectIds(Tokenizer.fromFolder(join(golden, name)), texts)
})

describe('a folder of CLIP without tokenizer.json', () => {
  let count = 0
  let folder: string
  beforeEach(() => {
    folder = join(root, String(count++))
    mkdirSync(folder)
    writeFileSync(join(folder, 'vocab.json'), JSON.stringify(clip.model.vocab))
    const merges = clip.model.merges.map((pair: string | string[]) =>
      Array.isArray(pair) ? pair.join(' ') : pair,
    )
    writeFileSync(join(folder, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`)
  })
  const configure = (changes: object = {}) =>
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify({ ...oldConfig, ...changes }))

  test('has vocab.json and merges.txt, and gives the same ids as Python with them', () => {
    configure()
    const tokenizer = Tokenizer.fromFolder(folder)
    expectIds(tokenizer, JSON.parse(read('clip/ids.json')))
    const again = Tokenizer.fromJson(tokenizer.json, tokenizer.config)
    expectIds(again, JSON.parse(read('clip/ids.json')).slice(0, 100))
  })

  test('may have added_tokens.json, and special tokens that are found in capitals', () => {
    writeFileSync(join(folder, 'added_tokens.json'), JSON.stringify({ '<x y>': 781, robot: 780 }))
    const bos_token = { content: '<|startoftext|>', lstrip: false, normalized: true, rstrip: false }
    configure({ added_tokens_decoder: undefined, bos_token })
    // As CLIPTokenizer of transformers 5.24 reads that folder.
    expectIds(Tokenizer.fromFolder(folder), [
      ['robot <x y> <X Y> ROBOT', [763, 765, 766, 766, 765, 764]],
      ['<|STARTOFTEXT|>', [763, 763, 764]],
      ['<|ENDOFTEXT|>', [763, 27, 347, 725, 604, 69, 83, 68, 87, 339, 91, 285, 764]],
    ])
  })

  test('of another class says how to make it', () => {
    configure({ tokenizer_class: 'GPT2Tokenizer' })
    expect(() => Tokenizer.fromFolder(folder)).toThrow(/GPT2Tokenizer.*AutoTokenizer.*save_pretrained/)
  })

  test('lacks merges.txt, or has a vocabulary that is cut: names the file', () => {
    configure()
    writeFileSync(join(folder, 'vocab.json'), '{"a": 1')
    expect(() => Tokenizer.fromFolder(folder)).toThrow(/vocab\.json is not JSON/)
    writeFileSync(join(folder, 'vocab.json'), '{"a": 1}')
    rmSync(join(folder, 'merges.txt'))
    expect(() => Tokenizer.fromFolder(folder)).toThrow(/merges\.txt cannot be read/)
  })

  test('has a model of SentencePiece only: says where the file is', () => {
    rmSync(join(folder, 'vocab.json'))
    writeFileSync(join(folder, 'spiece.model'), '')
    expect(() => Tokenizer.fromFolder(folder)).toThrow(/spiece\.model alone.*Take tokenizer\.json/)
  })
})

// The numbers are those of AutoTokenizer in transformers 5.24.
test('flags of added tokens in tokenizer_config.json count more than those of tokenizer.json', () => {
  const flipped = Object.fromEntries(
    clip.added_tokens.map((token: { id: number; normalized: boolean }) => [
      token.id,
      { ...token, normalized: !token.normalized },
    ]),
  )
  const config: JsonObject = {
    ...JSON.parse(read('clip/tokenizer_config.json')),
    added_tokens_decoder: flipped,
  }
  expectIds(Tokenizer.fromJson(clip, config), [
    ['<|STARTOFTEXT|>', [763, 763, 764]],
    ['tool tip', [763, 767, 764]],
    ['left arm', [763, 599, 578, 764]],
    ['Left Arm', [763, 766, 764]],
  ])
})

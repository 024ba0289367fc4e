import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { CheckpointError } from '../core/index.ts'
import { writeBundle } from './bundle.ts'
import { manifestFile, verifyBundle, writeManifest } from './manifest.ts'
import { PolicyRuntime } from './policy-runtime.ts'
import { readBundle } from './read-bundle.ts'

const root = mkdtempSync(join(tmpdir(), 'manifest-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const written = join(root, 'written')
const folder = join(root, 'copy')
beforeAll(() => writeBundle(written, tinyPolicy()))
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  cpSync(written, folder, { recursive: true })
})

const at = (name: string) => join(folder, name)
const manifest = () => JSON.parse(readFileSync(at(manifestFile), 'utf8'))

/** Change one byte in the middle, so that the size stays. */
function flip(name: string): void {
  const bytes = readFileSync(at(name))
  bytes[bytes.length >> 1]! ^= 1
  writeFileSync(at(name), bytes)
}

async function errorOf(action: () => unknown): Promise<CheckpointError> {
  try {
    await action()
  } catch (error) {
    expect(error).toBeInstanceOf(CheckpointError)
    return error as CheckpointError
  }
  throw new Error('nothing was thrown')
}

const load = () => PolicyRuntime.load(folder)

test('lists every file of a bundle with its size and SHA-256, and the bundle is sound', () => {
  const { format, version, files } = manifest()
  expect({ format, version }).toEqual({ format: 'visuomotor-bundle', version: 1 })
  expect(Object.keys(files)).toEqual([
    'config.json',
    'model.safetensors',
    'onnx/frames.onnx',
    'onnx/model.onnx',
    'preprocessor_config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ])
  expect(files['config.json'].bytes).toBe(readFileSync(at('config.json')).length)
  expect(() => verifyBundle(folder)).not.toThrow()
})

describe('an altered file is named', () => {
  test.each([
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'preprocessor_config.json',
    'onnx/model.onnx',
  ])('of one bit: %s, when a runtime reads it', async (name) => {
    flip(name)
    const error = await errorOf(load)
    expect(error.code).toBe('bundle/altered')
    expect(error.message).toContain(`${name} has another content`)
  })

  test('of one bit: the weights, when they are read, and by verifyBundle', async () => {
    flip('model.safetensors')
    await load() // does not read them
    for (const action of [() => readBundle(folder), () => verifyBundle(folder)]) {
      const error = await errorOf(action)
      expect(error).toMatchObject({ code: 'bundle/altered' })
      expect(error.message).toContain('model.safetensors')
    }
  })

  test('of another size, though nothing reads it', async () => {
    writeFileSync(at('model.safetensors'), readFileSync(at('model.safetensors')).subarray(0, 99))
    expect((await errorOf(load)).message).toMatch(/model\.safetensors has 99 bytes instead of \d+/)
  })

  test('that was added', async () => {
    writeFileSync(at('processor_config.json'), '{}')
    expect((await errorOf(load)).message).toContain('processor_config.json is not one of its files')
  })

  test('but a page about the bundle is nobody’s business', async () => {
    writeFileSync(at('README.md'), 'mine')
    await load()
  })
})

describe('a missing file is named', () => {
  test.each(['tokenizer_config.json', 'preprocessor_config.json', 'config.json'])('%s', async (name) => {
    rmSync(at(name))
    const error = await errorOf(load)
    expect(error).toMatchObject({ code: 'bundle/missing', facts: { files: [name] } })
  })

  test('but weights or graphs can be left out, not both', async () => {
    rmSync(at('model.safetensors'))
    await load()
    rmSync(at('onnx'), { recursive: true })
    const both = await errorOf(load)
    expect(both).toMatchObject({
      facts: { files: ['model.safetensors', 'onnx/frames.onnx', 'onnx/model.onnx'] },
    })
    cpSync(join(written, 'model.safetensors'), at('model.safetensors'))
    await load()
  })
})

describe('the manifest itself', () => {
  const edited = (change: object) =>
    writeFileSync(at(manifestFile), JSON.stringify({ ...manifest(), ...change }))

  test.each([2, '1', undefined])('of version %j is refused', async (version) => {
    edited({ version })
    expect(await errorOf(load)).toMatchObject({ code: 'bundle/version', facts: { version } })
  })

  test.each([
    ['another format', { format: 'zip' }],
    ['no files', { files: undefined }],
    ['a path out of the folder', { files: { '../x': { bytes: 1, sha256: '0'.repeat(64) } } }],
    ['an absolute path', { files: { '/x': { bytes: 1, sha256: '0'.repeat(64) } } }],
    ['no digest', { files: { x: { bytes: 1, sha256: 'abc' } } }],
  ])('with %s is refused', async (_, change) => {
    edited(change)
    expect(await errorOf(load)).toMatchObject({ code: 'bundle/manifest' })
  })

  test('may be absent, as in folders of Hugging Face and in runs; then nothing can be verified', async () => {
    rmSync(at(manifestFile))
    await load()
    expect(await errorOf(() => verifyBundle(folder))).toMatchObject({ code: 'bundle/manifest' })
  })

  test('is written for any folder, after a file of it has changed', async () => {
    renameSync(at('model.safetensors'), join(root, 'moved'))
    writeManifest(folder)
    expect(Object.keys(manifest().files)).not.toContain('model.safetensors')
    await load()
    verifyBundle(folder)
  })
})

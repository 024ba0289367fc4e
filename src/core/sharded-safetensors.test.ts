import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { CheckpointError } from './errors.ts'
import { readSafetensors, readSafetensorsHeader } from './safetensors.ts'
import { readShardedSafetensors } from './sharded-safetensors.ts'

const golden = join(import.meta.dirname, '../../test/golden/safetensors')
const indexName = 'sharded/model.safetensors.index.json'
const expected: Record<string, { dtype: string; shape: number[]; hex: string }> = JSON.parse(
  readFileSync(join(golden, 'sharded/expected.json'), 'utf8'),
)

const root = mkdtempSync(join(tmpdir(), 'sharded-'))
afterAll(() => rmSync(root, { recursive: true }))

const unreadable = ['float64', 'float8', 'int16', 'complex64', 'uint64']
const shard = (number: number) => `model-0000${number}-of-00005.safetensors`

function caught(action: () => unknown): CheckpointError {
  try {
    action()
  } catch (error) {
    if (error instanceof CheckpointError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('shards written by Python', () => {
  it('are read bit for bit, beside tensors of dtypes that cannot be read', () => {
    const { tensors } = readShardedSafetensors(join(golden, indexName), (name) => !unreadable.includes(name))
    const found = Array.from(tensors, ([name, { dtype, shape, data }]) => {
      const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
      return [name, { dtype, shape, hex }] as const
    })
    expect(Object.fromEntries(found)).toEqual(expected)
  })

  it.each(unreadable)('name file and tensor when %s is wanted', (name) => {
    const error = caught(() => readShardedSafetensors(join(golden, indexName), (each) => each === name))
    expect(error).toMatchObject({ code: 'checkpoint/dtype', facts: { tensor: name } })
    expect(error.message).toContain('Convert it in Python')
  })

  it('tell the dtype of each tensor', () => {
    const { tensors } = readSafetensorsHeader(join(golden, 'sharded', shard(3)))
    expect(Array.from(tensors, ([name, { dtype }]) => [name, dtype])).toEqual(
      expect.arrayContaining([
        ['float8', 'F8_E4M3'],
        ['int16', 'I16'],
      ]),
    )
    const file = join(golden, 'sharded', shard(2))
    expect(readSafetensors(file, () => false).tensors.size).toBe(0)
  })
})

describe('a damaged index', () => {
  const index = join(root, indexName)
  const all = () => readShardedSafetensors(index, (name) => !unreadable.includes(name))
  beforeEach(() => cpSync(join(golden, 'sharded'), join(root, 'sharded'), { recursive: true }))

  it.each([
    ['is cut', '{"weight_map": {', /cannot be read as JSON/],
    ['has no map', '{"metadata": {}}', /no weight_map/],
    [
      'names a tensor that is not there',
      `{"weight_map": {"head": "${shard(1)}"}}`,
      /holds the tensor "head"/,
    ],
    ['leads elsewhere', '{"weight_map": {"head": "../model.safetensors"}}', /outside its folder/],
  ])('%s', (_problem, text, message) => {
    writeFileSync(index, text)
    const error = caught(all)
    expect(error.code).toBe('checkpoint/index')
    expect(error.message).toMatch(message)
    expect(error.message).toContain(index)
  })

  it('names a shard that is missing', () => {
    rmSync(join(root, 'sharded', shard(4)))
    const error = caught(all)
    expect(error.code).toBe('checkpoint/unreadable')
    expect(error.message).toContain(shard(4))
    expect(() => readShardedSafetensors(index, (name) => name === 'float32')).not.toThrow()
  })
})

import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Batch, float32, type HostArray, hostArray, int64 } from '../core/index.ts'
import { arrayProblem, checkArrayKinds } from './array-rows.ts'
import { checkBatchNames } from './batch-names.ts'
import { loader } from './loader.ts'
import type { LoaderOptions, LoaderPosition } from './loader-options.ts'
import { cutMix, mixUp } from './mix/index.ts'
import type { ArrayKind, Sample } from './sample.ts'
import type { Source } from './source.ts'
import { concat, filter, mix } from './sources/index.ts'

const kinds = {
  'teacher.tokens': { dtype: 'float32', shape: [2, 3], mixing: 'interpolate' },
  action: { dtype: 'int64', shape: [], mixing: 'keep' },
  mask: { dtype: 'uint8', shape: [4], mixing: 'keep' },
} as const satisfies Record<string, ArrayKind>

/** All tokens of all samples, of which each has a view. */
const store = Float32Array.from({ length: 60 }, (_, i) => i / 7)

const arraysOf = (index: number) => ({
  'teacher.tokens': float32([2, 3], store.subarray(6 * index, 6 * index + 6)),
  action: int64([], [2 ** 40 + index]),
  mask: hostArray('uint8', [4], Uint8Array.of(index, 0, 1, 255)),
})

let samples: Sample[]

beforeAll(async () => {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'teal' } })
  const bytes = await picture.png().toBuffer()
  samples = Array.from({ length: 10 }, (_, index) => ({
    id: `s${index}`,
    image: { bytes },
    captions: [`number ${index}`],
    origin: { file: 'list.csv', line: index + 1 },
    arrays: arraysOf(index),
  }))
})

const memory = (from: readonly Sample[] = samples, arrays: Source['arrays'] = kinds): Source => ({
  name: 'memory',
  size: from.length,
  ...(arrays && { arrays }),
  async *samples({ skip = 0 } = {}) {
    yield* from.slice(skip)
  },
})

async function take(count: number, changes: Partial<LoaderOptions> = {}) {
  const stream = loader({ source: memory(), batchSize: 4, seed: 5, resolution: 4, workers: 0, ...changes })
  const batches: Batch[] = []
  const positions: LoaderPosition[] = []
  for await (const batch of stream) {
    batches.push(batch)
    positions.push(JSON.parse(JSON.stringify(stream.position)))
    if (batches.length === count) break
  }
  return { batches, positions, stream }
}

const numberOf = (id: string): number => Number(/(\d+)(?:#\d+)?$/.exec(id)![1])

/** Every row of the batch has the arrays of its own sample. */
function expectOwnRows({ ids, arrays }: Batch): void {
  for (const [name, { dtype, shape }] of Object.entries(kinds)) {
    expect(arrays[name]).toMatchObject({ dtype, shape: [ids.length, ...shape] })
    const own = ids.flatMap((id) => {
      const { data } = (arraysOf(numberOf(id)) as Record<string, HostArray>)[name]!
      return [...(data as ArrayLike<unknown> & Iterable<unknown>)]
    })
    expect([...(arrays[name]!.data as Iterable<unknown>)]).toEqual(own)
  }
}

describe('arrays of samples', () => {
  it('come by row at their rank and dtype, the same from workers, in evaluation too', async () => {
    const { batches } = await take(5)
    batches.forEach(expectOwnRows)
    expect((await take(5, { workers: 1 })).batches).toEqual(batches)
    const evaluation = (await take(9, { mode: 'evaluate' })).batches
    expect(evaluation.map(({ ids }) => ids.length)).toEqual([4, 4, 2])
    evaluation.forEach(expectOwnRows)
  })

  it('go on with the very next batch, also in blocks that arrays alone fill', async () => {
    const changes = { shuffleBytes: 8 * (1024 + 200) }
    const straight = await take(6, changes)
    for (const [i, position] of straight.positions.slice(0, 4).entries()) {
      const { batches } = await take(2, { ...changes, position })
      expect(batches).toEqual(straight.batches.slice(i + 1, i + 3))
    }
  })

  it.each([
    ['is missing', { action: undefined }, 'its array "action" is missing: its source declares int64 []'],
    ['another shape', { mask: hostArray('uint8', [3], new Uint8Array(3)) }, 'is uint8 [3], but its source'],
    ['another dtype', { mask: hostArray('int8', [4], new Int8Array(4)) }, 'is int8 [4], but its source'],
    ['too few elements', { mask: { dtype: 'uint8', shape: [4], data: new Uint8Array(3) } }, 'has 3 elements'],
    [
      'not declared',
      { extra: float32([1], [1]) },
      '"extra" is not among the arrays that its source declares',
    ],
  ])('%s: a bad sample, named by file and id', async (_, change, words) => {
    const arrays = Object.fromEntries(
      Object.entries({ ...arraysOf(3), ...change }).filter(([, array]) => array !== undefined),
    ) as Record<string, HostArray>
    const spoiled = samples.map((sample, i) => (i === 3 ? { ...sample, arrays } : sample))
    const failing = take(9, { source: memory(spoiled), mode: 'evaluate' })
    await expect(failing).rejects.toMatchObject({ code: 'data/bad-array', facts: { sample: 's3' } })
    await expect(failing).rejects.toThrow('list.csv:4, sample s3: its array')
    await expect(failing).rejects.toThrow(words)
    for (const workers of [0, 1]) {
      const skipping = await take(4, { source: memory(spoiled), onBadSample: 'skip', workers })
      expect(skipping.batches.flatMap(({ ids }) => ids)).not.toContain('s3')
      skipping.batches.forEach(expectOwnRows)
      expect(skipping.stream.badSamples).toMatchObject([{ id: 's3', code: 'data/bad-array' }])
    }
  })

  it('are bad where a sample has none at all', () => {
    const { arrays: _, ...bare } = samples[0]!
    expect(arrayProblem(bare, kinds)?.message).toContain('"teacher.tokens" is missing')
    expect(arrayProblem(bare, {})).toBeUndefined()
  })

  it('are declared in a form that can be', () => {
    const declared = (kind: ArrayKind) => () => checkArrayKinds({ one: kind })
    const refused = expect.objectContaining({ code: 'data/array-kind', facts: { array: 'one' } })
    expect(declared({ dtype: 'int64', shape: [2], mixing: 'interpolate' })).toThrow(refused)
    expect(declared({ dtype: 'float32', shape: [1.5] })).toThrow(refused)
    expect(declared({ dtype: 'float32', shape: [-1] })).toThrow(refused)
    expect(declared({ dtype: 'float32', shape: [], mixing: 'interpolate' })).not.toThrow()
  })

  it.each(['pixelValues', 'inputIds', 'attentionMask', 'concepts', 'box', 'boxPresent', 'imageShares'])(
    'may not be called %s',
    (name) => {
      const attempt = () =>
        checkBatchNames({ box: { kind: 'box' } }, { [name]: { dtype: 'int64', shape: [] } })
      expect(attempt).toThrow(expect.objectContaining({ code: 'data/array-name', facts: { array: name } }))
    },
  )
})

describe('arrays of composed sources', () => {
  it('come through concat, mix, filter and their parts', async () => {
    const both = { a: memory(), b: memory(samples.slice(0, 4)) }
    const mixture = mix({ a: { data: both.a, weight: 1 }, b: { data: both.b, weight: 3 } })
    for (const source of [concat(both), mixture, filter(memory(), { exceptEvery: 3 })]) {
      expect(source.arrays).toEqual(kinds)
      expect(source.share?.({ rank: 1, size: 2 }).arrays).toEqual(kinds)
      const { batches } = await take(6, { source })
      batches.forEach(expectOwnRows)
    }
  })

  it.each([
    ['lacks one', { action: kinds.action, mask: kinds.mask }],
    ['has none', undefined],
    ['has another shape', { ...kinds, mask: { ...kinds.mask, shape: [5] } }],
    ['mixes otherwise', { ...kinds, mask: { dtype: 'uint8', shape: [4] } }],
  ] as const)('must agree: a part that %s is refused', (_, arrays) => {
    const { arrays: __, ...plain } = memory()
    const other = arrays ? memory(samples, arrays) : plain
    const refused = expect.objectContaining({ code: 'data/composition' })
    expect(() => concat({ a: memory(), b: other })).toThrow(refused)
    expect(() => concat({ a: other, b: memory() })).toThrow(refused)
    expect(() => mix({ a: { data: memory(), weight: 1 }, b: { data: other, weight: 1 } })).toThrow(refused)
  })
})

describe('arrays of mixed batches', () => {
  it.each([mixUp({ alpha: 1 }), cutMix()])(
    'are interpolated by the shares of the image, or kept: $kind',
    async (method) => {
      const { batches } = await take(6, { mix: [method] })
      const plain = await take(6)
      for (const [i, { ids, arrays }] of batches.entries()) {
        const concepts = [...(arrays.concepts!.data as BigInt64Array)]
        const partners = [...(arrays.partnerConcepts!.data as BigInt64Array)].map((c) => concepts.indexOf(c))
        expect(arrays.action).toEqual(plain.batches[i]!.arrays.action)
        expect(arrays.mask).toEqual(plain.batches[i]!.arrays.mask)
        const tokens = [...(arrays['teacher.tokens']!.data as Float32Array)]
        for (const [row, share] of (arrays.imageShares!.data as Float32Array).entries()) {
          const [own, other] = [ids[row]!, ids[partners[row]!]!].map((id) => [
            ...arraysOf(numberOf(id))['teacher.tokens'].data,
          ])
          for (const [k, value] of own!.entries())
            expect(tokens[6 * row + k]).toBeCloseTo(share * value + (1 - share) * other![k]!, 5)
        }
      }
    },
  )

  it('are refused by name, before anything is read, where nothing says how', async () => {
    const source = memory(samples, { ...kinds, mask: { dtype: 'uint8', shape: [4] } })
    const refused = expect.objectContaining({ code: 'data/mixing', facts: { array: 'mask' } })
    expect(() => loader({ source, batchSize: 4, seed: 5, resolution: 4, mix: [mixUp()] })).toThrow(refused)
    expect((await take(1, { source, mix: [mixUp()], mode: 'evaluate' })).batches).toHaveLength(1)
  })
})

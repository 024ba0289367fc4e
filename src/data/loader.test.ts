import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import sharp from 'sharp'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { type Batch, DataError } from '../core/index.ts'
import {
  centerCrop,
  colorJitter,
  horizontalFlip,
  imageNetStatistics,
  multiCrop,
  normalize,
  randomResizedCrop,
} from './augment/index.ts'
import { type Loader, loader } from './loader.ts'
import type { LoaderOptions, LoaderPosition } from './loader-options.ts'
import { startThreads } from './loader-threads.ts'
import { mixUp } from './mix/index.ts'
import type { Sample } from './sample.ts'
import type { Source } from './source.ts'
import { Tokenizer, trainBpe, typos } from './text/index.ts'
import type { WorkerRequest } from './worker-pool.ts'

let samples: Sample[]

beforeAll(async () => {
  samples = await Promise.all(Array.from({ length: 10 }, (_, index) => drawnSample(index)))
})

/** A small picture whose colours and dot tell its number. */
async function drawnSample(index: number): Promise<Sample> {
  const background = { r: index * 20, g: 255 - index * 20, b: (index * 70) % 256 }
  const dot = { input: Buffer.from('<svg width="4" height="4"><path d="M0 0h4v4h-4z" fill="#fff"/></svg>') }
  const picture = sharp({ create: { width: 12, height: 12, channels: 3, background } })
  const bytes = await picture
    .composite([{ ...dot, left: index % 8, top: 3 }])
    .png()
    .toBuffer()
  const captions = [`a dot left of ${index}`, `number ${index}`]
  return {
    id: `s${index}`,
    image: { bytes },
    captions,
    origin: { file: 'list.csv', line: index + 1 },
    concept: `c${index % 5}`,
  }
}

/** The samples, those with the numbers given unreadable. */
const spoiled = (...numbers: number[]): Sample[] =>
  samples.map((sample, i) =>
    numbers.includes(i) ? { ...sample, image: { bytes: Buffer.from('no') } } : sample,
  )

/** A source in memory. */
const memory = (from: readonly Sample[]): Source => ({
  name: 'memory',
  size: from.length,
  async *samples({ skip = 0 } = {}) {
    yield* from.slice(skip)
  },
})

const options = (changes: Partial<LoaderOptions> = {}): LoaderOptions => ({
  source: memory(samples),
  batchSize: 4,
  seed: 17,
  resolution: 10,
  augment: [randomResizedCrop(8), horizontalFlip(), colorJitter(), normalize(imageNetStatistics)],
  workers: 0,
  ...changes,
})

interface Taken {
  batches: Batch[]
  positions: LoaderPosition[]
  stream: Loader
}

async function take(count: number, changes: Partial<LoaderOptions> = {}): Promise<Taken> {
  const taken: Taken = { batches: [], positions: [], stream: loader(options(changes)) }
  for await (const batch of taken.stream) {
    taken.batches.push(batch)
    taken.positions.push(JSON.parse(JSON.stringify(taken.stream.position)))
    if (taken.batches.length === count) break
  }
  return taken
}

const idsOf = ({ batches }: Taken): string[] => batches.flatMap(({ ids }) => ids)

describe('loader', () => {
  it('gives arrays with one row a sample', async () => {
    const { batches, positions } = await take(3)
    expect(batches.map(({ ids }) => ids.length)).toEqual([4, 4, 4])
    expect(batches[0]?.arrays.pixelValues).toMatchObject({ dtype: 'float32', shape: [4, 3, 8, 8] })
    expect(Object.keys(batches[0]?.arrays ?? {})).toEqual(['pixelValues', 'concepts'])
    expect(positions.map(({ epoch }) => epoch)).toEqual([0, 0, 1])
  })

  it('numbers concepts alike in every batch', async () => {
    const numbers = new Map<string, Set<bigint>>()
    for (const { ids, arrays } of (await take(5)).batches) {
      for (const [row, id] of ids.entries()) {
        const concept = `c${Number(id.slice(1)) % 5}`
        const number = arrays.concepts?.data[row] as bigint
        numbers.set(concept, (numbers.get(concept) ?? new Set()).add(number))
      }
    }
    expect(numbers.size).toBe(5)
    expect([...numbers.values()].every(({ size }) => size === 1)).toBe(true)
    expect(new Set([...numbers.values()].flatMap((set) => [...set])).size).toBe(5)
  })

  it('gives the same bits with 0, 1 and 3 workers, bad samples among them', async () => {
    const source = memory(spoiled(2, 7))
    const shared = { source, onBadSample: 'skip', uniqueConcepts: true, batchSize: 3 } as const
    const expected = (await take(9, shared)).batches
    expect((await take(9, { ...shared, workers: 1 })).batches).toEqual(expected)
    expect((await take(9, { ...shared, workers: 3, prefetch: 2 })).batches).toEqual(expected)
  })

  it('goes on from any position with the very next batch', async () => {
    const changes: Partial<LoaderOptions>[] = [
      {},
      { uniqueConcepts: true },
      { source: memory(spoiled(1, 4, 8)), onBadSample: 'skip' },
      { source: memory(spoiled(1, 6)), onBadSample: 'skip', uniqueConcepts: true, batchSize: 3 },
      { source: memory(spoiled(3)), onBadSample: 'skip', shuffleBytes: 4096 },
    ]
    for (const change of changes) {
      const straight = await take(12, change)
      for (const stop of [0, 3, 4, 6]) {
        const position = straight.positions[stop] as LoaderPosition
        const resumed = await take(11 - stop, { ...change, position })
        expect(resumed.batches).toEqual(straight.batches.slice(stop + 1))
        expect(resumed.positions).toEqual(straight.positions.slice(stop + 1))
      }
    }
  })

  it('draws anew each pass: crop, flip, colours', async () => {
    const { batches } = await take(5)
    const seen = new Map<string, Set<number>>()
    for (const { ids, arrays } of batches) {
      for (const [row, id] of ids.entries()) {
        seen.set(id, (seen.get(id) ?? new Set()).add(arrays.pixelValues?.data[row * 192] as number))
      }
    }
    expect([...seen.values()].every(({ size }) => size === 2)).toBe(true)
  })

  it('evaluates in the order of the source, nothing random, the last batch smaller', async () => {
    const evaluation = await take(9, { mode: 'evaluate' })
    expect(idsOf(evaluation)).toEqual(samples.map(({ id }) => id))
    expect(evaluation.batches.map(({ ids }) => ids.length)).toEqual([4, 4, 2])
    expect(evaluation.batches[2]?.arrays.pixelValues?.shape).toEqual([2, 3, 8, 8])
    expect((await take(9, { mode: 'evaluate', seed: 99 })).batches).toEqual(evaluation.batches)
    // Decoded to the size that goes out: the background is the sample's, to the rounding.
    const red = evaluation.batches[0]?.arrays.pixelValues?.data[3 * 192] as number
    expect(red).toBeCloseTo((60 / 255 - 0.485) / 0.229, 2)
  })
})

describe('loader with several crops', () => {
  const augment = [multiCrop(8, { localSize: 4, locals: 3 }), colorJitter(), horizontalFlip()]

  it('adds further views of each sample, the same from workers', async () => {
    const { batches } = await take(2, { augment })
    const { pixelValues, globalViews, localViews } = batches[0]!.arrays
    expect(pixelValues?.shape).toEqual([4, 3, 8, 8])
    expect(globalViews).toMatchObject({ dtype: 'float32', shape: [4, 1, 3, 8, 8] })
    expect(localViews).toMatchObject({ dtype: 'float32', shape: [4, 3, 3, 4, 4] })
    const rows = (values: ArrayLike<number>, size: number) =>
      Array.from({ length: values.length / size }, (_, i) =>
        Array.from(values)
          .slice(i * size, (i + 1) * size)
          .join(),
      )
    const locals = rows(localViews!.data as Float32Array, 48)
    expect(new Set(locals).size).toBe(12)
    const globals = [
      ...rows(pixelValues!.data as Float32Array, 192),
      ...rows(globalViews!.data as Float32Array, 192),
    ]
    expect(new Set(globals).size).toBe(8)
    expect((await take(2, { augment, workers: 1 })).batches).toEqual(batches)
  })

  it('takes every view from its own sample', async () => {
    // The background of each sample is its own: without jitter the common colour of a crop tells whose it is.
    const { batches } = await take(2, { augment: [multiCrop(8, { localSize: 4, locals: 2 })] })
    for (const { ids, arrays } of batches) {
      for (const [row, id] of ids.entries()) {
        const local = (arrays.localViews!.data as Float32Array).subarray(row * 96, row * 96 + 96)
        const reds = [...local.subarray(0, 16), ...local.subarray(48, 64)].sort((a, b) => a - b)
        const expected = (Number(id.slice(1)) * 20) / 255
        expect(reds[12]).toBeCloseTo(expected, 2)
      }
    }
  })

  it('has one view in evaluation', async () => {
    const { batches } = await take(1, { augment, mode: 'evaluate' })
    expect(Object.keys(batches[0]!.arrays)).toEqual(['pixelValues', 'concepts'])
    expect(batches[0]?.arrays.pixelValues?.shape).toEqual([4, 3, 8, 8])
  })
})

describe('centerCrop', () => {
  it('shows evaluation what training sees', async () => {
    const rows = async (mode: 'train' | 'evaluate') => {
      const { batches } = await take(mode === 'train' ? 3 : 9, { augment: [centerCrop(4)], mode })
      const seen = batches.flatMap(({ ids, arrays }) => {
        const { data } = arrays.pixelValues as { data: Float32Array }
        return ids.map((id, row) => [id, [...data.subarray(row * 48, row * 48 + 48)]] as const)
      })
      return new Map(seen)
    }
    const [trained, evaluated] = [await rows('train'), await rows('evaluate')]
    expect(evaluated.size).toBeGreaterThan(3)
    for (const [id, pixels] of evaluated) expect(trained.get(id)).toEqual(pixels)
  })
})

describe('loader with texts', () => {
  const text = () => {
    const { json, config } = trainBpe(samples.flatMap(({ captions }) => captions).concat('right right'), {
      vocabularySize: 600,
    })
    return { tokenizer: Tokenizer.fromJson(json, config), length: 12 }
  }

  it('encodes one of the captions, mirrored with its picture, the same in workers', async () => {
    const spec = text()
    const augment = [horizontalFlip({ probability: 1 })]
    const { batches } = await take(10, { texts: { inputIds: spec }, augment })
    const seen = new Set<string>()
    for (const { ids, arrays } of batches) {
      for (const [row, id] of ids.entries()) {
        const tokens = [...(arrays.inputIds?.data ?? [])].slice(row * 12, row * 12 + 12).map(Number)
        const number = id.slice(1)
        const caption = [`a dot right of ${number}`, `number ${number}`].find((candidate) => {
          return spec.tokenizer.encode(candidate, 12).inputIds.join() === tokens.join()
        })
        expect(caption).toBeDefined()
        seen.add(`${caption}`.slice(0, 5))
        const mask = [...(arrays.attentionMask?.data ?? [])].slice(row * 12, row * 12 + 12).map(Number)
        expect(mask).toEqual(spec.tokenizer.encode(`${caption}`, 12).attentionMask)
      }
    }
    expect([...seen].sort()).toEqual(['a dot', 'numbe'])
    expect((await take(10, { texts: { inputIds: spec }, augment, workers: 1 })).batches).toEqual(batches)
  })

  it('augments texts in training only', async () => {
    const plain = text()
    const noisy = { texts: { inputIds: plain }, augmentTexts: [typos({ probability: 1 })] }
    const training = await take(2, noisy)
    expect(training.batches).not.toEqual((await take(2, { texts: { inputIds: plain } })).batches)
    const evaluation = await take(3, { ...noisy, mode: 'evaluate' })
    const first = [...(evaluation.batches[0]?.arrays.inputIds?.data ?? [])].slice(0, 12).map(Number)
    expect(first).toEqual(plain.tokenizer.encode('a dot left of 0', 12).inputIds)
    expect(evaluation.batches[0]?.furtherTexts).toBeUndefined()
  })

  it('brings all captions that tests read to an evaluation that asks for them', async () => {
    const spec = text()
    const source = memory(
      spoiled(1).map((sample, i) => (i === 2 ? { ...sample, testedCaptions: 1 } : sample)),
    )
    const changes = {
      source,
      texts: { inputIds: spec },
      mode: 'evaluate',
      onBadSample: 'skip',
      allCaptions: true,
    } as const
    const { batches, stream } = await take(9, changes)
    const further = batches.flatMap(({ ids, furtherTexts }) =>
      ids.map((id, row) => [id, furtherTexts?.[row]]),
    )
    const idsOfCaption = (caption: string) =>
      BigInt64Array.from(spec.tokenizer.encode(caption, 12).inputIds, BigInt)
    const expected = [0, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => [
      `s${i}`,
      i === 2 ? [] : [idsOfCaption(`number ${i}`)],
    ])
    expect(further).toEqual(expected)
    expect(stream.captions).toEqual({ read: 17, cut: 0 })
    expect((await take(9, { ...changes, workers: 1 })).batches).toEqual(batches)
  })

  it('counts the captions of the first pass, and those that were cut', async () => {
    const spec = { ...text(), length: 5 } // start, three tokens, end
    const tokens = (caption: string) => spec.tokenizer.encode(caption, 5).tokens
    const long = samples.filter(({ captions }) => tokens(captions[0]!) > 5).length
    expect(long).toBeGreaterThan(0)
    for (const count of [5, 9]) {
      const { stream } = await take(count, { texts: { inputIds: spec }, firstCaption: 1, augment: [] })
      expect(stream.captions).toEqual({ read: 10, cut: long })
    }
    const { captions } = (await take(9, { texts: { inputIds: spec }, mode: 'evaluate', allCaptions: true }))
      .stream
    const all = samples.flatMap((sample) => sample.captions).filter((caption) => tokens(caption) > 5).length
    expect(captions).toEqual({ read: 20, cut: all })
  })
})

describe('labels', () => {
  const labels = { number: { kind: 'class', classes: 10 }, place: { kind: 'number', length: 3 } } as const
  /** Even samples have a place. */
  const labelled = (): Sample[] =>
    samples.map((sample, i) => ({
      ...sample,
      labels: { number: [i], ...(i % 2 === 0 && { place: [i, i + 1, 0.5] }) },
    }))

  it('come with their samples, the same from workers', async () => {
    const source = { ...memory(labelled()), labels }
    const { batches } = await take(4, { source })
    for (const { ids, arrays } of batches) {
      expect(arrays.number).toMatchObject({ dtype: 'float32', shape: [4, 10] })
      expect(arrays.placePresent).toMatchObject({ dtype: 'float32', shape: [4] })
      for (const [row, id] of ids.entries()) {
        const number = Number(id.slice(1))
        const distribution = [...(arrays.number?.data.subarray(row * 10, row * 10 + 10) ?? [])]
        expect(distribution).toEqual(Array.from({ length: 10 }, (_, i) => (i === number ? 1 : 0)))
        expect(arrays.numberPresent?.data[row]).toBe(1)
        const even = number % 2 === 0
        expect(arrays.placePresent?.data[row]).toBe(even ? 1 : 0)
        const place = [...(arrays.place?.data.subarray(row * 3, row * 3 + 3) ?? [])]
        expect(place).toEqual(even ? [number, number + 1, 0.5] : [0, 0, 0])
      }
    }
    expect((await take(4, { source, workers: 1 })).batches).toEqual(batches)
  })

  it('follow the pixels, in training and in evaluation, decoded or from the cache', async () => {
    const wide = await sharp({ create: { width: 24, height: 12, channels: 3, background: '#888' } })
      .png()
      .toBuffer()
    const boxes = { box: { kind: 'box' }, off: { kind: 'point' } } as const
    // The middle half of the width stays: 0.25 … 0.75.
    const sample = {
      ...samples[0]!,
      image: { bytes: wide },
      labels: { box: [0.25, 0, 0.5, 1], off: [0.2, 0] },
    }
    const source = { ...memory([sample]), labels: boxes }
    const augment = [horizontalFlip({ probability: 1 })]
    const boxOf = ({ arrays }: Batch) => [...(arrays.box?.data ?? [])]
    const training = await take(2, { source, augment, batchSize: 1 })
    expect(training.batches.map(boxOf)).toEqual([
      [0.5, 0, 1, 1],
      [0.5, 0, 1, 1],
    ])
    expect([...training.batches[0]!.arrays.offPresent!.data]).toEqual([0])
    const evaluation = await take(1, { source, augment, batchSize: 1, mode: 'evaluate' })
    expect(evaluation.batches.map(boxOf)).toEqual([[0, 0, 0.5, 1]])
  })

  it('that cannot follow are refused before anything is read', async () => {
    const source = { ...memory(samples), labels: { arm: { kind: 'joints', length: 7 } } } as const
    const attempt = () => loader(options({ source }))
    expect(attempt).toThrow(expect.objectContaining({ code: 'augment/label' }))
    expect(attempt).toThrow(/randomResizedCrop .* "arm" \(joints\)/)
    await loader(options({ source, mode: 'evaluate' })).close()
  })

  it('that cannot be used make a bad sample', async () => {
    const wrong = labelled().map((sample, i) => (i === 3 ? { ...sample, labels: { place: [1, 2] } } : sample))
    const source = { ...memory(wrong), labels }
    const failing = take(10, { source, mode: 'evaluate', augment: [] })
    await expect(failing).rejects.toThrow(/list\.csv:4, sample s3: its label "place" has 2 numbers/)
    await expect(failing).rejects.toMatchObject({ code: 'data/bad-label' })
    const { stream, batches } = await take(3, {
      source,
      mode: 'evaluate',
      augment: [],
      onBadSample: 'skip',
    })
    expect(batches.flatMap(({ ids }) => ids)).not.toContain('s3')
    expect(stream.badSamples).toMatchObject([{ id: 's3', code: 'data/bad-label' }])
  })
})

describe('mixed batches', () => {
  const spec = () => {
    const { json, config } = trainBpe(samples.flatMap(({ captions }) => captions).concat('and and'), {
      vocabularySize: 600,
    })
    return { tokenizer: Tokenizer.fromJson(json, config), length: 12 }
  }

  it('are the same from any number of workers and from any position', async () => {
    const changes = { mix: [mixUp({ alpha: 1 })], texts: { inputIds: spec() }, uniqueConcepts: true }
    const { batches, positions } = await take(5, changes)
    const { imageShares, textShares, partnerConcepts } = batches[0]!.arrays
    expect(imageShares).toMatchObject({ dtype: 'float32', shape: [4] })
    expect(textShares?.shape).toEqual([4])
    expect(partnerConcepts).toMatchObject({ dtype: 'int64', shape: [4] })
    expect((await take(5, { ...changes, workers: 2 })).batches).toEqual(batches)
    expect((await take(3, { ...changes, position: positions[1]! })).batches).toEqual(batches.slice(2))
    const shares = batches.map(({ arrays }) => arrays.imageShares!.data.join())
    expect(new Set(shares).size).toBe(5)
  })

  it('mix what the same loader would have given unmixed', async () => {
    const [plain, mixed] = [await take(2), await take(2, { mix: [mixUp({ alpha: 1 })] })]
    expect(mixed.batches.map(({ ids }) => ids)).toEqual(plain.batches.map(({ ids }) => ids))
    const [before, after] = [plain, mixed].map(({ batches }) => batches[1]!.arrays)
    const pixels = before!.pixelValues!.data as Float32Array
    for (const [row, share] of (after!.imageShares!.data as Float32Array).entries()) {
      const partner = before!.concepts!.data.indexOf(after!.partnerConcepts!.data[row] as never)
      const expected = share * pixels[row * 192 + 5]! + (1 - share) * pixels[partner * 192 + 5]!
      if (new Set(Array.from(before!.concepts!.data, String)).size < 4) continue // two samples of one concept
      expect(after!.pixelValues!.data[row * 192 + 5]).toBeCloseTo(expected, 4)
    }
  })

  it('are of training only', async () => {
    const { batches } = await take(1, { mix: [mixUp()], mode: 'evaluate' })
    expect(Object.keys(batches[0]!.arrays)).toEqual(['pixelValues', 'concepts'])
  })
})

describe('bad samples', () => {
  it('fail the batch they are in, naming sample, file and line', async () => {
    for (const workers of [0, 1]) {
      const stream = loader(options({ source: memory(spoiled(3)), mode: 'evaluate', batchSize: 2, workers }))
      const iterator = stream[Symbol.asyncIterator]()
      expect((await iterator.next()).value?.ids).toEqual(['s0', 's1'])
      const failing = iterator.next()
      await expect(failing).rejects.toThrow(DataError)
      await expect(failing).rejects.toThrow(/list\.csv:4, sample s3/)
      await expect(failing).rejects.toMatchObject({ code: 'data/unreadable-image', facts: { line: 4 } })
      await expect(failing).rejects.toThrow(/--on-bad-sample skip$/)
    }
  })

  it('give their place to the next samples of the stream, and are counted once', async () => {
    const taken = await take(8, { source: memory(spoiled(2, 5)), onBadSample: 'skip' })
    const all = idsOf(await take(10))
    expect(idsOf(taken)).toEqual(all.filter((id) => id !== 's2' && id !== 's5').slice(0, 32))
    expect(taken.batches.every(({ ids }) => ids.length === 4)).toBe(true)
    expect(taken.stream.badSamples.map(({ id }) => id).sort()).toEqual(['s2', 's5'])
    expect(taken.stream.badSamples[0]?.message).toContain('list.csv')
  })

  it('carry the right pixels with them when rows move up', async () => {
    const evaluation = (changes: Partial<LoaderOptions>) => take(9, { mode: 'evaluate', ...changes })
    const skipped = await evaluation({ source: memory(spoiled(0, 5)), onBadSample: 'skip' })
    const clean = await evaluation({ source: memory(samples.filter((_, i) => i !== 0 && i !== 5)) })
    expect(skipped.batches).toEqual(clean.batches)
  })

  it('reported by the source are counted too', async () => {
    const source: Source = {
      name: 'rows',
      async *samples({ skip = 0, onBad } = {}) {
        onBad?.(new DataError('data/empty-caption', 'list.csv:9: no caption', { line: 9 }))
        yield* samples.slice(skip)
      },
    }
    const { stream } = await take(7, { source, onBadSample: 'skip', shuffleBytes: 4096 })
    expect(stream.badSamples).toEqual([
      { id: '', code: 'data/empty-caption', message: 'list.csv:9: no caption', facts: { line: 9 } },
    ])
  })

  it('and nothing else end in an error', async () => {
    const source = memory(spoiled(...samples.keys()))
    await expect(take(1, { source, onBadSample: 'skip' })).rejects.toMatchObject({
      code: 'data/no-usable-sample',
    })
    expect((await take(1, { source, onBadSample: 'skip', mode: 'evaluate' })).batches).toEqual([])
  })
})

describe('decoded images', () => {
  it('are kept, within the budget', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'loader-'))
    const files = await Promise.all(
      samples.map(async (sample, i) => {
        const file = join(folder, `${i}.png`)
        await writeFile(file, 'bytes' in sample.image ? sample.image.bytes : '')
        return { ...sample, image: { file } }
      }),
    )
    const expected = (await take(5)).batches
    const source = memory(files)
    expect((await take(5, { source, cacheBytes: 1200 })).batches).toEqual(expected)
    const [kept, forgotten] = [loader(options({ source })), loader(options({ source, cacheBytes: 1200 }))]
    const iterators = [kept[Symbol.asyncIterator](), forgotten[Symbol.asyncIterator]()]
    for (const iterator of iterators) for (let i = 0; i < 3; i++) await iterator.next()
    await rm(folder, { recursive: true })
    expect((await iterators[0]?.next())?.value).toEqual(expected[3])
    await expect(iterators[1]?.next()).rejects.toMatchObject({ code: 'data/unreadable-image' })
    await kept.close()
  })
})

describe('worker threads', () => {
  it('tell when they fail', async () => {
    const broken = { tokenizer: { json: {}, config: {} }, length: 4 }
    await expect(take(1, { texts: { inputIds: broken }, workers: 1 })).rejects.toMatchObject({
      code: 'data/worker-failed',
    })
  })

  it('share the first batch, also when they were started before', async () => {
    const expected = (await take(3)).batches
    const posted = vi.spyOn(Worker.prototype, 'postMessage')
    startThreads(3)
    expect((await take(3, { workers: 3, prefetch: 2 })).batches).toEqual(expected)
    const requests = posted.mock.calls.map(([message]) => message as Partial<WorkerRequest>)
    expect(requests.flatMap(({ rows }) => rows?.length ?? []).slice(0, 4)).toEqual([1, 1, 2, 4])
    posted.mockRestore()
  })

  it('end with close, and a closed loader says so', async () => {
    const stream = loader(options({ workers: 1 }))
    const iterator = stream[Symbol.asyncIterator]()
    await iterator.next()
    const waiting = iterator.next()
    await waiting
    const terminated = vi.spyOn(Worker.prototype, 'terminate')
    await stream.close()
    expect(terminated).not.toHaveBeenCalled() // amid an image that would end the process
    terminated.mockRestore()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'data/loader-closed' })
    await expect(
      take(1, {}).then(({ stream }) => stream[Symbol.asyncIterator]().next()),
    ).rejects.toMatchObject({
      code: 'data/loader-closed',
    })
  })

  it('do not keep an abandoned process alive', async () => {
    const script = `
      import { loader } from ${JSON.stringify(new URL('./loader.ts', import.meta.url).href)}
      const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>')
      const sample = { id: 'a', image: { bytes: svg }, captions: ['a'], origin: { file: 'a' } }
      const source = { name: 'one', async *samples() { yield sample } }
      const stream = loader({ source, batchSize: 2, seed: 1, resolution: 4, workers: 1 })
      const { value } = await stream[Symbol.asyncIterator]().next()
      console.log(value.ids.join())
    `
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
      { timeout: 100_000 },
    )
    expect(stdout.trim()).toBe('a,a')
  })
})

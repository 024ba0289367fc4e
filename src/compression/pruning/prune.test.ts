import { describe, expect, it } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../../test/support/tiny-bundle.ts'
import { type Batch, float32, int64, random } from '../../core/index.ts'
import { type Bundle, exportedGraphs } from '../../deploy/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { feedsOf } from '../feeds.ts'
import { zerosIn } from '../measure-size.ts'
import type { Subject, Tools } from '../method.ts'
import { activationNorms } from './activation-norms.ts'
import { productsOf } from './products.ts'
import { prune } from './prune.ts'
import { sparsity } from './sparsity.ts'

/** Random pictures and texts for a tiny model. */
function batchFor({ model, tokenizer }: Bundle, count: number): Batch {
  const stream = random(4, 'pictures')
  const { image, text } = model.inputs
  const texts = Array.from({ length: count }, (_, i) => `a ${i % 2 === 0 ? 'red' : 'green'} apple`)
  const ids = texts.flatMap((words) => tokenizer.encode(words, text.length).inputIds)
  return {
    ids: texts.map((_, i) => String(i)),
    arrays: {
      pixelValues: float32(
        [count, image.channels, image.size, image.size],
        Array.from({ length: count * image.channels * image.size ** 2 }, () => stream.normal()),
      ),
      inputIds: int64([count, text.length], ids),
    },
  }
}

function toolsFor(bundle: Bundle, notes: string[] = []): Tools {
  const batches = async function* () {
    yield batchFor(bundle, 6)
    yield batchFor(bundle, 3)
  }
  const unused = () => Promise.reject(new Error('not asked for'))
  return {
    ...{ seed: 1, threads: 1, batches, gradients: unused, quality: unused },
    note: (text) => void notes.push(text),
  }
}

const subjectOf = (bundle: Bundle): Subject => ({ bundle, passes: [] })
const parse = (options: object) => prune.schema.parse({ kind: 'prune', ...options })

describe('pruning', () => {
  it('makes the fraction of all matrices zero, the smallest first, and leaves vectors', async () => {
    const bundle = tinyBundle()
    const { bundle: pruned } = await prune.apply(parse({ ratio: 0.4 }), subjectOf(bundle), toolsFor(bundle))
    const matrices = [...bundle.weights].filter(([, { shape }]) => shape.length >= 2)
    const count = matrices.reduce((sum, [, { data }]) => sum + data.length, 0)
    const zeros = matrices.reduce((sum, [name]) => sum + zerosIn(pruned.weights.get(name)!.data), 0)
    expect(zeros).toBe(Math.floor(0.4 * count))
    let [largestGone, smallestKept] = [0, Number.POSITIVE_INFINITY]
    for (const [name, { data }] of matrices) {
      const after = pruned.weights.get(name)!.data
      for (const [i, value] of data.entries()) {
        if (after[i] === 0) largestGone = Math.max(largestGone, Math.abs(value))
        else smallestKept = Math.min(smallestKept, Math.abs(value))
      }
    }
    expect(largestGone).toBeLessThanOrEqual(smallestKept)
    for (const [name, value] of bundle.weights)
      if (value.shape.length < 2) expect(pruned.weights.get(name)).toBe(value)
  })

  it('takes patterns, and refuses one that matches nothing', async () => {
    const bundle = tinyBundle()
    const tools = toolsFor(bundle)
    const options = parse({ ratio: 0.5, parameters: ['text_model.*'], except: ['*.mlp.*'] })
    const { bundle: pruned } = await prune.apply(options, subjectOf(bundle), tools)
    const changed = [...bundle.weights].flatMap(([name, value]) =>
      pruned.weights.get(name) === value ? [] : [name],
    )
    expect(changed.length).toBeGreaterThan(3)
    expect(changed.every((name) => name.startsWith('text_model.') && !name.includes('.mlp.'))).toBe(true)
    const wrong = prune.apply(parse({ parameters: ['text_modle.*'] }), subjectOf(bundle), tools)
    await expect(wrong).rejects.toThrow(expect.objectContaining({ code: 'optim/pattern' }))
    const nothing = prune.apply(parse({ except: ['*'] }), subjectOf(bundle), tools)
    await expect(nothing).rejects.toThrow(expect.objectContaining({ code: 'compression/nothing' }))
  })

  it('draws the random weights by the seed, and keeps zeros that are there', async () => {
    const bundle = tinyBundle()
    const options = parse({ ratio: 0.3, importance: 'random' })
    const once = await prune.apply(options, subjectOf(bundle), toolsFor(bundle))
    const again = await prune.apply(options, subjectOf(bundle), toolsFor(bundle))
    expect(again.bundle.weights).toEqual(once.bundle.weights)
    const twice = await prune.apply(parse({ ratio: 0.5, importance: 'random' }), once, toolsFor(bundle))
    for (const [name, { data }] of once.bundle.weights) {
      const after = twice.bundle.weights.get(name)!.data
      if (after !== data)
        expect([...data.entries()].every(([i, value]) => value !== 0 || after[i] === 0)).toBe(true)
    }
  })
})

describe('products with learned matrices', () => {
  it.each([
    ['clip', tinyBundle()],
    ['siglip', tinyBundle('siglip')],
    ['vision-text', tinyBundle('vision-text')],
    ['policy', tinyPolicy()],
  ])('are found in the graphs of %s: all linear maps and the patches', (_, bundle) => {
    const found = new Set(
      productsOf(bundle).flatMap(({ products }) => products.map(({ parameter }) => parameter)),
    )
    const expected = [...bundle.weights.keys()].filter((name) =>
      /(q_proj|k_proj|v_proj|out_proj|fc1|fc2|patch_embedding|_projection)\.weight$/.test(name),
    )
    expect(expected.length).toBeGreaterThan(8)
    expect(expected.filter((name) => !found.has(name))).toEqual([])
    expect([...found].filter((name) => /(token|position)_embedding/.test(name))).toEqual([])
  })
})

/**
 * A CLIP in which the inputs of every `fc1` are very unequal: half of what the norm before it gives is 30 times as large, and
 * the weights that read it are 30 times as small. It computes what it did before.
 */
function unequal(): Bundle {
  const bundle = tinyBundle()
  const weights = new Map(bundle.weights)
  const isLarge = (channel: number) => channel % 2 === 0
  for (const [name, { shape, data }] of bundle.weights) {
    const norm = /layer_norm2\.(weight|bias)$/.test(name)
    const width = shape.at(-1)!
    if (norm)
      weights.set(
        name,
        float32(
          shape,
          data.map((value, i) => (isLarge(i) ? 30 * value : value)),
        ),
      )
    if (/mlp\.fc1\.weight$/.test(name))
      weights.set(
        name,
        float32(
          shape,
          data.map((value, i) => (isLarge(i % width) ? value / 30 : value)),
        ),
      )
  }
  return { ...bundle, weights }
}

/** Image features of a model. */
async function featuresOf(bundle: Bundle): Promise<Float32Array> {
  const parameters = namedParameters(bundle.model)
  const graph = exportedGraphs(bundle.model, bundle.tokenizer).vision_model!
  const program = await new Engine({ threads: 1 }).compile(graph.outputs, graph)
  const weights = Object.fromEntries([...parameters.keys()].map((name) => [name, bundle.weights.get(name)!]))
  const batch = batchFor(bundle, 6)
  const results = await program.run({ ...weights, ...feedsOf(program, batch, weights) })
  return toHost(Object.values(results)[0]!, 'float32')
}

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0))

describe('Wanda', () => {
  it('measures the norms of the inputs over all rows of all batches', async () => {
    const bundle = tinyBundle()
    const norms = await activationNorms(subjectOf(bundle), toolsFor(bundle))
    const { pixelValues } = batchFor(bundle, 6).arrays
    // The patches are the pixels, whose order within a patch does not change their sum of squares.
    const squares = (data: ArrayLike<number>) =>
      Array.from(data).reduce((sum, value) => sum + value * value, 0)
    const second = batchFor(bundle, 3).arrays.pixelValues!
    const expected = squares(pixelValues!.data as Float32Array) + squares(second.data as Float32Array)
    const found = squares(norms.get('vision_model.embeddings.patch_embedding.weight')!)
    expect(found / expected).toBeCloseTo(1, 4)
  })

  it('changes the outputs less than magnitude does where the inputs are very unequal', async () => {
    const bundle = unequal()
    const before = await featuresOf(bundle)
    expect(distance(before, await featuresOf(tinyBundle()))).toBeLessThan(
      1e-3 * distance(before, new Float32Array(before.length)),
    )
    const errorOf = async (importance: string) => {
      const options = parse({
        ratio: 0.5,
        importance,
        scope: 'row',
        parameters: ['vision_model.*.mlp.fc1.weight'],
      })
      const pruned = await prune.apply(options, subjectOf(bundle), toolsFor(bundle))
      return distance(before, await featuresOf(pruned.bundle))
    }
    const [wanda, magnitude] = [await errorOf('wanda'), await errorOf('magnitude')]
    expect(wanda).toBeLessThan(0.7 * magnitude)
  })

  it('prunes each row alike, and says which matrices no product reads', async () => {
    const bundle = tinyBundle()
    const notes: string[] = []
    const { bundle: pruned } = await prune.apply(
      parse({ ratio: 0.25, importance: 'wanda' }),
      subjectOf(bundle),
      toolsFor(bundle, notes),
    )
    const { shape, data } = pruned.weights.get('visual_projection.weight')!
    const inputs = shape[1]!
    for (let row = 0; row < shape[0]!; row++)
      expect(zerosIn(data.subarray(row * inputs, (row + 1) * inputs))).toBe(Math.floor(0.25 * inputs))
    expect(notes.join()).toContain('token_embedding')
    expect(pruned.weights.get('text_model.embeddings.token_embedding.weight')).toBe(
      bundle.weights.get('text_model.embeddings.token_embedding.weight'),
    )
  })

  it('refuses samples that the model cannot read', async () => {
    const bundle = tinyBundle()
    const { arrays, ids } = batchFor(bundle, 2)
    const tools = {
      ...toolsFor(bundle),
      batches: async function* () {
        yield { ids, arrays: { inputIds: arrays.inputIds! } }
      },
    }
    await expect(prune.apply(parse({ importance: 'wanda' }), subjectOf(bundle), tools)).rejects.toThrow(
      expect.objectContaining({
        code: 'compression/calibration-data',
        message: expect.stringContaining('pixel_values'),
      }),
    )
  })
})

describe('N:M sparsity', () => {
  it('is exact in every matrix of products, and in no embedding', async () => {
    const bundle = tinyBundle()
    const options = sparsity.schema.parse({ kind: 'sparsity', n: 2, m: 4 })
    const { bundle: sparse, findings } = await sparsity.apply(options, subjectOf(bundle), toolsFor(bundle))
    const names = [...sparse.weights.keys()].filter((name) =>
      /(fc1|q_proj|patch_embedding)\.weight$/.test(name),
    )
    for (const name of names) {
      const { data } = sparse.weights.get(name)!
      for (let start = 0; start < data.length; start += 4)
        expect(zerosIn(data.subarray(start, start + 4)), name).toBe(2)
    }
    expect(names.length).toBeGreaterThan(3)
    expect(sparse.weights.get('text_model.embeddings.token_embedding.weight')).toBe(
      bundle.weights.get('text_model.embeddings.token_embedding.weight'),
    )
    expect(findings?.[0]?.title).toBe('Sparse 2:4, by magnitude')
  })
})

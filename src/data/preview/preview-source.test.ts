import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { colorJitter, horizontalFlip, multiCrop, normalize, randomResizedCrop } from '../augment/index.ts'
import { loader } from '../loader.ts'
import { mixUp } from '../mix/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { Tokenizer, trainBpe } from '../text/index.ts'
import { type PreviewOptions, previewSource } from './index.ts'

let samples: Sample[]

beforeAll(async () => {
  samples = await Promise.all(
    Array.from({ length: 10 }, async (_, i): Promise<Sample> => {
      const background = { r: i * 20, g: 90, b: 200 - i * 15 }
      const picture = sharp({ create: { width: 30, height: 20, channels: 3, background } })
      const bytes = i === 7 ? Buffer.from('no') : await picture.png().toBuffer()
      const captions = [`a thing on the left of ${i}`, `number ${i}`]
      const labels = { box: [0.5, 0.2, 0.75, 0.8] }
      return { id: `s${i}`, image: { bytes }, captions, origin: { file: 'list.csv', line: i + 1 }, labels }
    }),
  )
})

const memory = (): Source => ({
  name: 'memory',
  size: samples.length,
  labels: { box: { kind: 'box' } },
  async *samples({ skip = 0 } = {}) {
    yield* samples.slice(skip)
  },
})

const options = (): PreviewOptions => ({
  source: memory(),
  seed: 3,
  resolution: 16,
  augment: [randomResizedCrop(12), horizontalFlip({ probability: 1 }), colorJitter(), normalize()],
})

const bytesOf = async (png: Uint8Array) => {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

describe('previewSource', () => {
  it('shows the pictures, captions and labels of the epochs that a loader gives', async () => {
    const { samples: previews } = await previewSource({ ...options(), samples: 3, draws: 2 })
    const { json, config } = trainBpe(
      samples.flatMap(({ captions }) => captions),
      { vocabularySize: 600 },
    )
    const tokenizer = Tokenizer.fromJson(json, config)
    const text = { tokenizer, length: 40 }
    const usable = {
      ...memory(),
      size: 7,
      samples: async function* () {
        yield* samples.slice(0, 7)
      },
    }
    const stream = loader({
      ...options(),
      source: usable,
      batchSize: 7,
      texts: { inputIds: text },
      workers: 0,
    })
    const batches = stream[Symbol.asyncIterator]()
    for (const epoch of [0, 1]) {
      const { ids, arrays } = (await batches.next()).value!
      for (const { id, draws } of previews.filter(({ id }) => id !== 's7')) {
        const row = ids.indexOf(id)
        const { data } = await bytesOf(draws[epoch]!.png)
        for (let i = 0; i < 144; i++) {
          const normalized = arrays.pixelValues!.data[row * 432 + i] as number
          expect(Math.abs(data[3 * i]! - 255 * (normalized * 0.229 + 0.485))).toBeLessThan(0.51)
        }
        const tokens = [...arrays.inputIds!.data.slice(row * 40, row * 40 + 40)].map(Number)
        expect(tokenizer.encode(draws[epoch]!.caption, 40).inputIds).toEqual(tokens)
        const box = [...arrays.box!.data.slice(row * 4, row * 4 + 4)]
        for (const [i, edge] of (draws[epoch]!.labels.box ?? [0, 0, 0, 0]).entries()) {
          expect(edge).toBeCloseTo(box[i] as number, 5)
        }
      }
    }
  })

  it('spreads over the source and tells what each transform drew', async () => {
    const { samples: previews } = await previewSource({ ...options(), samples: 3 })
    expect(previews.map(({ id }) => id)).toEqual(['s0', 's3', 's6'])
    const [first] = previews
    expect(first).toMatchObject({ origin: { line: 1 }, original: { width: 30, height: 20 } })
    expect(first?.original.labels).toEqual({ box: [0.5, 0.2, 0.75, 0.8] })
    expect(first?.steps.map(({ transform }) => transform)).toEqual([
      'decoded',
      'randomResizedCrop',
      'horizontalFlip',
      'colorJitter',
    ])
    const [, crop, flip, jitter] = first!.steps
    expect(Object.keys(crop?.drawn ?? {})).toEqual(['left', 'top', 'width', 'height'])
    expect(jitter?.drawn).toHaveProperty('brightness')
    // The flip mirrors what the crop left.
    const [left, , right] = crop!.labels.box!
    expect(flip?.labels.box?.[0]).toBeCloseTo(1 - right!, 9)
    expect(flip?.labels.box?.[2]).toBeCloseTo(1 - left!, 9)
    expect(first?.draws).toHaveLength(4)
    const swapped = first?.draws.filter(({ chosen }) => chosen.includes('left')) ?? []
    expect(swapped.every(({ caption }) => caption.includes('right'))).toBe(true)
  })

  it('tells what a transform left as it was', async () => {
    const augment = [horizontalFlip({ probability: 0 })]
    const { samples: previews } = await previewSource({ ...options(), augment, samples: 1 })
    expect(previews[0]?.steps[1]).toMatchObject({ transform: 'horizontalFlip', drawn: undefined })
  })

  it('leaves out what cannot be used, and says why', async () => {
    const { samples: previews, bad } = await previewSource({ ...options(), samples: 10, draws: 1 })
    expect(previews).toHaveLength(9)
    expect(bad.map(({ message }) => message)).toEqual([expect.stringMatching(/list\.csv:8, sample s7/)])
  })

  it('shows further views and mixed samples', async () => {
    const augment = [multiCrop(12, { localSize: 6, locals: 2 }), normalize()]
    const preview = await previewSource({ ...options(), augment, mix: [mixUp({ alpha: 1 })], samples: 3 })
    const { globalViews, localViews } = preview.samples[0]!.draws[0]!.views
    expect(globalViews).toHaveLength(1)
    expect(await bytesOf(localViews![1]!)).toMatchObject({ width: 6, height: 6 })
    expect(preview.mixed).toHaveLength(3)
    const { id, partner, share, png } = preview.mixed[0]!
    const expected = share * Number(id.slice(1)) * 20 + (1 - share) * Number(partner.slice(1)) * 20
    expect(Math.abs((await bytesOf(png)).data[0]! - expected)).toBeLessThan(1.5)
  })
})

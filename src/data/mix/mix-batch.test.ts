import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Batch, float32, int64, random } from '../../core/index.ts'
import type { LabelKinds } from '../label-rows.ts'
import { Tokenizer, trainBpe } from '../text/index.ts'
import { mixBatch } from './mix-batch.ts'
import { cutMix, type MixMethod, mixMethods, mixUp } from './mix-methods.ts'

const side = 8
const length = 24
const captions = [
  'a red cup',
  'the blue ball',
  'one green box',
  'a white hat',
  'the black cat',
  'one pink pig',
]
const count = captions.length

const { json, config } = trainBpe(captions.concat('and and'), { vocabularySize: 600 })
const tokenizer = Tokenizer.fromJson(json, config)
const encoded = captions.map((caption) => tokenizer.encode(caption, length))

const kinds = {
  kind: { kind: 'class', classes: count },
  target: { kind: 'position' },
  grasp: { kind: 'pose' },
} as const satisfies LabelKinds

/** Sample i is of colour i everywhere; even samples have a target. */
const batch = (): Batch => {
  const rows = captions.map((_, row) => row)
  return {
    ids: rows.map(String),
    arrays: {
      pixelValues: float32(
        [count, 3, side, side],
        rows.flatMap((row) => Array<number>(3 * side * side).fill(row)),
      ),
      concepts: int64(
        [count],
        rows.map((row) => 10 + row),
      ),
      inputIds: int64(
        [count, length],
        encoded.flatMap(({ inputIds }) => inputIds),
      ),
      attentionMask: int64(
        [count, length],
        encoded.flatMap(({ attentionMask }) => attentionMask),
      ),
      kind: float32(
        [count, count],
        rows.flatMap((row) => rows.map((other) => Number(row === other))),
      ),
      kindPresent: float32([count], new Float32Array(count).fill(1)),
      target: float32(
        [count, 3],
        rows.flatMap((row) => (row % 2 === 0 ? [row, 2 * row, 1] : [0, 0, 0])),
      ),
      targetPresent: float32(
        [count],
        rows.map((row) => Number(row % 2 === 0)),
      ),
      grasp: float32(
        [count, 6],
        rows.flatMap((row) => [row, 0, 0, 0, 0, 3 * (row - 2.5)]),
      ),
      graspPresent: float32([count], new Float32Array(count).fill(1)),
    },
  }
}

const run = (method: MixMethod, seed: number) => {
  const options = {
    methods: [method],
    labels: kinds,
    captions,
    tokenizers: { inputIds: tokenizer },
    random: random(seed, 'mix'),
  }
  const { arrays } = mixBatch(batch(), options)
  const numbers = (name: string) => Array.from(arrays[name]!.data, Number)
  return { arrays, numbers, partners: numbers('partnerConcepts').map((concept) => concept - 10) }
}

const methods = fc.constantFrom<MixMethod>(mixUp({ alpha: 1 }), cutMix())
const property = (check: (mixed: ReturnType<typeof run>, method: MixMethod) => void) =>
  fc.assert(
    fc.property(methods, fc.nat(), (method, seed) => check(run(method, seed), method)),
    { seed: 7 },
  )

describe('mixing a batch', () => {
  it('pairs every sample with one other, each sample once', () => {
    property(({ partners }) => {
      expect(partners.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
    })
  })

  it('shows as much of both in the picture as the shares say', () => {
    property(({ numbers, partners }, { kind }) => {
      const [pixels, shares] = [numbers('pixelValues'), numbers('imageShares')]
      for (const [row, share] of shares.entries()) {
        const picture = pixels.slice(row * 192, row * 192 + 192)
        const mean = picture.reduce((a, b) => a + b) / 192
        expect(mean).toBeCloseTo(share * row + (1 - share) * partners[row]!, 4)
        const shades = new Set(picture)
        if (kind === 'mixUp') expect(shades.size).toBe(1)
        else for (const shade of shades) expect([row, partners[row]]).toContain(shade)
      }
    })
  })

  it('pastes one rectangle, the same in every channel', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { numbers, partners } = run(cutMix(), seed)
      const pixels = numbers('pixelValues')
      for (const [row, partner] of partners.entries()) {
        if (partner === row) continue
        const channels = [0, 1, 2].map((c) => pixels.slice(row * 192 + c * 64, row * 192 + c * 64 + 64))
        expect(channels[1]).toEqual(channels[0])
        expect(channels[2]).toEqual(channels[0])
        const pasted = [...channels[0]!.keys()].filter((i) => channels[0]![i] === partner)
        if (pasted.length === 0) continue
        const [xs, ys] = [pasted.map((i) => i % side), pasted.map((i) => Math.floor(i / side))]
        const [width, height] = [xs, ys].map((values) => Math.max(...values) - Math.min(...values) + 1)
        expect(pasted.length).toBe(width! * height!)
      }
    }
  })

  it('takes its own text, the other text, or both', () => {
    const kindsOfText = new Set<number>()
    property(({ numbers, partners }) => {
      const [ids, shares, textShares] = [numbers('inputIds'), numbers('imageShares'), numbers('textShares')]
      for (const [row, share] of shares.entries()) {
        const partner = partners[row]!
        const both = share >= 0.3 && share <= 0.7 && partner !== row
        const own = share > 0.5 || (share === 0.5 && !both)
        const text = both ? `${captions[row]} and ${captions[partner]}` : captions[own ? row : partner]!
        const expected = tokenizer.encode(text, length)
        expect(ids.slice(row * length, (row + 1) * length)).toEqual(expected.inputIds)
        expect(numbers('attentionMask').slice(row * length, (row + 1) * length)).toEqual(
          expected.attentionMask,
        )
        if (partner !== row) expect(textShares[row]).toBeCloseTo(both ? share : Number(own), 6)
        kindsOfText.add(both ? 2 : Number(own))
      }
    })
    expect(kindsOfText.size).toBe(3)
  })

  it('takes the text of the larger share where both do not fit', () => {
    const short = 10 // a caption fits, but not two
    const arrays = {
      ...batch().arrays,
      inputIds: int64(
        [count, short],
        captions.flatMap((caption) => tokenizer.encode(caption, short).inputIds),
      ),
      attentionMask: int64(
        [count, short],
        captions.flatMap((caption) => tokenizer.encode(caption, short).attentionMask),
      ),
    }
    let middle = 0
    for (let seed = 0; seed < 30; seed++) {
      const options = {
        methods: [mixUp({ alpha: 1 })],
        labels: {},
        captions,
        tokenizers: { inputIds: tokenizer },
        random: random(seed),
      }
      const mixed = mixBatch({ ids: batch().ids, arrays }, options).arrays
      for (const [row, share] of (mixed.imageShares!.data as Float32Array).entries()) {
        if (share > 0.3 && share < 0.7) middle += 1
        expect([0, 1]).toContain(mixed.textShares!.data[row])
      }
    }
    expect(middle).toBeGreaterThan(20)
  })

  it('makes soft targets of classes, and interpolates numbers', () => {
    property(({ numbers, partners }) => {
      const [classes, shares] = [numbers('kind'), numbers('imageShares')]
      for (const [row, share] of shares.entries()) {
        const partner = partners[row]!
        const expected = captions.map((_, i) => (i === row ? share : 0) + (i === partner ? 1 - share : 0))
        for (const [i, value] of expected.entries()) expect(classes[row * count + i]).toBeCloseTo(value, 5)
        expect(numbers('grasp')[row * 6]).toBeCloseTo(share * row + (1 - share) * partner, 4)
        expect(numbers('kindPresent')[row]).toBeCloseTo(1, 6)
      }
    })
  })

  it('gives a label that only one of both has, for that part of the sample', () => {
    property(({ numbers, partners }) => {
      const [targets, present, shares] = [numbers('target'), numbers('targetPresent'), numbers('imageShares')]
      for (const [row, share] of shares.entries()) {
        const partner = partners[row]!
        const weights = [share * Number(row % 2 === 0), (1 - share) * Number(partner % 2 === 0)]
        const total = weights[0]! + weights[1]!
        expect(present[row]).toBeCloseTo(total, 5)
        if (total < 1e-3) continue
        const expected = (weights[0]! * row + weights[1]! * partner) / total
        expect(targets[row * 3]).toBeCloseTo(expected, 3)
        expect(targets[row * 3 + 2]).toBeCloseTo(1, 5)
      }
    })
  })

  it('turns rotations the short way', () => {
    property(({ numbers, partners }) => {
      const [grasps, shares] = [numbers('grasp'), numbers('imageShares')]
      for (const [row, share] of shares.entries()) {
        const [from, to] = [3 * (row - 2.5), 3 * (partners[row]! - 2.5)]
        const difference = Math.atan2(Math.sin(to - from), Math.cos(to - from))
        const angle = grasps[row * 6 + 5]!
        const expected = from + (1 - share) * difference
        const miss = Math.atan2(Math.sin(angle - expected), Math.cos(angle - expected))
        expect(Math.abs(miss)).toBeLessThan(1e-3)
      }
    })
  })

  it('leaves a batch alone with its probability, but for the arrays that it adds', () => {
    const never = run(mixUp({ probability: 0 }), 1)
    const before = batch().arrays
    for (const [name, { data }] of Object.entries(before)) {
      expect(Array.from(never.arrays[name]!.data, Number), name).toEqual(Array.from(data, Number))
    }
    expect(never.numbers('imageShares')).toEqual([1, 1, 1, 1, 1, 1])
    expect(never.numbers('textShares')).toEqual([1, 1, 1, 1, 1, 1])
    const mixed = Array.from({ length: 400 }, (_, seed) => run(mixUp({ probability: 0.3 }), seed)).filter(
      ({ numbers }) => numbers('imageShares').some((share) => share < 1),
    )
    expect(mixed.length).toBeGreaterThan(80)
    expect(mixed.length).toBeLessThan(160)
  })

  it('draws one of several ways for each batch', () => {
    let pasted = 0
    for (let seed = 0; seed < 100; seed++) {
      const options = { methods: [mixUp(), cutMix()], labels: {}, captions, random: random(seed) }
      const { arrays } = mixBatch(batch(), options)
      if ((arrays.pixelValues!.data as Float32Array).every((value) => Number.isInteger(value))) pasted += 1
    }
    expect(pasted).toBeGreaterThan(30)
    expect(pasted).toBeLessThan(70)
  })
})

describe('ways to mix', () => {
  it('are plain data with defaults filled in', () => {
    expect(mixMethods([{ kind: 'mixUp' }, { kind: 'cutMix' }])).toEqual([mixUp(), cutMix()])
    expect(mixUp()).toEqual({ kind: 'mixUp', alpha: 0.2, probability: 1 })
  })

  it.each([
    [{ kind: 'mixup' }, "did you mean 'mixUp'"],
    [{ kind: 'mixUp', alpha: 0 }, 'mixUp.alpha'],
    [{ kind: 'cutMix', probability: 1.5 }, 'cutMix.probability'],
    [{ kind: 'mixUp', aplha: 0.2 }, "did you mean 'alpha'"],
  ])('refuse %j', (value, words) => {
    expect(() => mixMethods([value])).toThrow(words)
  })
})

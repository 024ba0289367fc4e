import { describe, expect, test } from 'vitest'
import { fakeData, fakeSubject } from '../../../test/support/dual-subject.ts'
import { type Batch, float32, int64 } from '../../core/index.ts'
import type { PolicyRuntime } from '../../deploy/index.ts'
import { wilson } from '../../metrics/index.ts'
import type { HeadConfig } from '../../models/index.ts'
import type { Subject, Variation } from '../suite/subject.ts'
import { type RobustnessInput, robustness, robustnessEvaluator } from './robustness.ts'

const options = (more: RobustnessInput = {}) => robustnessEvaluator.schema.parse(robustness(more))

/** Description of a model as far as pictures need it. */
const description = {
  image: { size: 8, fit: 'cover', background: [1, 1, 1], mean: [0, 0, 0], std: [1, 1, 1] },
}

const captions = ['a grinning face', 'a red apple', 'two blue cars', 'a small house']

const oneHot = (order: readonly number[]): number[] =>
  order.flatMap((at) => captions.map((_, i) => Number(i === at)))

/** Place whose image shows what, by variation: another order is wrong. */
const shown: Readonly<Record<string, readonly number[]>> = {
  'noise-1': [0, 1, 2, 3],
  'noise-2': [1, 0, 2, 3],
  'noise-3': [1, 2, 3, 0],
  'blur-1': [0, 1, 3, 2],
  'blur-3': [1, 0, 3, 2],
}

/** Four samples; a text that is not its caption is taken for the next one. */
function subjectOf(
  more: Partial<Parameters<typeof fakeData>[0]> = {},
): Subject & { notes: string[]; asked: string[] } {
  const data = fakeData({
    width: 4,
    images: oneHot([0, 1, 2, 3]),
    captions: captions.map((text) => [text]),
    ...more,
  })
  const asked: string[] = []
  const texts = async (list: readonly string[]) =>
    Float32Array.from(
      oneHot(list.map((text, i) => (captions.some((own) => text.includes(own)) ? i : (i + 1) % 4))),
    )
  return {
    ...fakeSubject(data, { texts, dualEncoder: { description } as never }),
    asked,
    features: async ({ variation } = {}) => {
      if (variation === undefined) return data.features
      asked.push(variation.name)
      return { ...data.features, imageFeatures: Float32Array.from(oneHot(shown[variation.name]!)) }
    },
  }
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

describe('robustness of a dual encoder', () => {
  test('has the numbers worked by hand, by retrieval both ways', async () => {
    const subject = subjectOf()
    const findings = await robustnessEvaluator.evaluate(
      subject,
      options({ axes: ['noise', 'blur'], severities: [3, 1, 2].filter((s) => s !== 2) }),
    )
    expect(subject.asked).toEqual(['noise-1', 'noise-3', 'blur-1', 'blur-3'])
    const { metrics, samples, headline, details } = findings
    const values = Object.fromEntries(
      Object.entries(metrics)
        .filter(([path]) => path.includes('imageToText'))
        .map(([path, { value }]) => [path, value]),
    )
    expect(values).toEqual({
      'clean.imageToText.R@1': 100,
      'noise-1.imageToText.R@1': 100,
      'noise-3.imageToText.R@1': 0,
      'blur-1.imageToText.R@1': 50,
      'blur-3.imageToText.R@1': 0,
      'noise.imageToText.R@1': 50,
      'noise.imageToText.retainedFraction': 0.5,
      'blur.imageToText.R@1': 25,
      'blur.imageToText.retainedFraction': 0.25,
      'corrupted.imageToText.R@1': 37.5,
      'corrupted.imageToText.retainedFraction': 0.375,
    })
    expect(metrics['blur-1.imageToText.R@1']).toEqual({
      value: 50,
      interval: wilson(2, 4).interval.map((end) => 100 * end),
      better: 'max',
      count: 4,
    })
    expect(samples['corrupted.imageToText.R@1']).toEqual({
      ids: ['fake/0', 'fake/1', 'fake/2', 'fake/3'],
      values: [50, 50, 25, 25],
    })
    expect(samples['corrupted.textToImage.R@1']!.ids[3]).toBe('fake/3#0')
    // Resamples of two values of 25 and two of 50 lie between these.
    expect(metrics['corrupted.imageToText.R@1']!.interval).toEqual([25, 50])
    expect(metrics['corrupted.imageToText.retainedFraction']!.interval).toEqual([0.25, 0.5])
    for (const [path, { values }] of Object.entries(samples))
      expect(meanOf(values)).toBeCloseTo(metrics[path]!.value, 9)
    expect(headline).toEqual(
      ['imageToText', 'textToImage'].flatMap((way) => [
        `corrupted.${way}.R@1`,
        `corrupted.${way}.retainedFraction`,
        `noise.${way}.retainedFraction`,
      ]),
    )
    for (const path of headline) expect(metrics[path]!.interval, path).toBeDefined()
    expect(details).toMatchObject({
      passes: 5,
      worstAxis: { 'imageToText.R@1': 'blur', 'textToImage.R@1': 'blur' },
    })
    expect(
      JSON.parse(JSON.stringify(details)).curves['imageToText.R@1'].blur.map(
        ({ value }: { value: number }) => value,
      ),
    ).toEqual([1, 0.5, 0])
  })

  test('that leaves nothing right is known as well as the samples tell, and not for sure', async () => {
    const { metrics } = await robustnessEvaluator.evaluate(
      subjectOf(),
      options({ axes: ['noise'], severities: [3] }),
    )
    const percents = wilson(0, 4).interval.map((end) => 100 * end)
    for (const path of ['noise-3', 'noise', 'corrupted'])
      expect(metrics[`${path}.imageToText.R@1`], path).toMatchObject({ value: 0, interval: percents })
    expect(metrics['noise.imageToText.retainedFraction']).toMatchObject({
      value: 0,
      interval: wilson(0, 4).interval,
    })
  })

  test('is the mean noisy over clean score for noise at 0.1, 0.2 and 0.3', async () => {
    const { metrics } = await robustnessEvaluator.evaluate(subjectOf(), options({ axes: ['noise'] }))
    expect(metrics['noise.textToImage.retainedFraction']!.value).toBeCloseTo((1 + 0.5 + 0) / 3 / 1, 12)
  })

  test('corrupts every caption by itself, asks for no images then, and says what was read', async () => {
    const subject = subjectOf()
    const { metrics, sections } = await robustnessEvaluator.evaluate(
      subject,
      options({ axes: ['typos', 'paraphrase'], severities: [5] }),
    )
    expect(subject.asked).toEqual([])
    // Every caption has a typo in five of its letters; framed, it is still understood.
    expect(metrics['typos-5.textToImage.R@1']!.value).toBe(0)
    expect(metrics['paraphrase-5.textToImage.R@1']!.value).toBe(100)
    const texts = sections.find(({ title }) => title === 'One text at every severity')!.body.toString()
    expect(texts).toContain('Paraphrase')
    expect(texts).toContain('✗ wrong')
    expect(sections.map(({ title }) => title)).not.toContain('One image at every severity')
  })

  test('shows a table, curves, one image at every severity, and what is fragile', async () => {
    const { sections, figures } = await robustnessEvaluator.evaluate(
      subjectOf(),
      options({ axes: ['noise', 'blur'], severities: [1, 3] }),
    )
    expect(sections.map(({ title }) => title)).toEqual([
      'Robustness',
      'Curves',
      'One image at every severity',
      'Most and least fragile',
    ])
    const [table, curves, images, fragile] = sections.map(({ body }) => body.toString())
    expect(table).toContain('<b>Blur (worst)</b>')
    expect(table).toContain('50.0 % (15–85)')
    expect(curves!.match(/aria-roledescription="rule mark"/g)!.length).toBe(12)
    expect(images!.match(/<img /g)).toHaveLength(6)
    expect(images).toContain('✗ wrong')
    expect(images).toContain('✓ right')
    expect(fragile).toContain('right under 2 of 4 corruptions')
    expect(fragile).toContain('✗ already at Blur 1')
    expect(figures![0]).toEqual({
      label: 'Image to text, R@1, corrupted',
      value: '37.5 %',
      more: '100.0 % clean, 37.5 % of it kept; worst: Blur, 25.0 %',
    })
  })

  test('by zero-shot accuracy where a label is named, without corrupted texts', async () => {
    const names = captions
    const subject = subjectOf({ classes: [0, 1, 2, 3], names })
    const { metrics } = await robustnessEvaluator.evaluate(
      subject,
      options({ label: 'class', axes: ['blur', 'typos'], severities: [1, 3], templates: 'name' }),
    )
    expect(metrics['clean.accuracy']!.value).toBe(1)
    expect(metrics['blur-1.accuracy']!.value).toBe(0.5)
    expect(metrics['corrupted.retainedFraction']!.value).toBe(0.25)
    expect(subject.notes).toEqual([
      'robustness on fake leaves out typos: prompts are not corrupted, and noise has severities 1 to 3.',
    ])
  })

  test('counts NaN as wrong, and has no fraction that is kept where nothing is right', async () => {
    const subject = subjectOf({ images: new Array<number>(16).fill(Number.NaN) })
    const { metrics, headline } = await robustnessEvaluator.evaluate(
      subject,
      options({ axes: ['blur'], severities: [1] }),
    )
    expect(metrics['clean.imageToText.R@1']!.value).toBe(0)
    expect(metrics['blur-1.imageToText.R@1']!.value).toBe(0)
    expect(headline).toEqual(['corrupted.imageToText.R@1', 'corrupted.textToImage.R@1'])
  })

  test('refuses other models, axes without severities, wrong options, and data that changes', async () => {
    expect(robustnessEvaluator.refusal({ ...subjectOf(), dualEncoder: undefined })).toContain('neither')
    expect(robustnessEvaluator.refusal(subjectOf())).toBeUndefined()
    await expect(
      robustnessEvaluator.evaluate(subjectOf(), options({ axes: ['noise'], severities: [4, 5] })),
    ).rejects.toThrow(expect.objectContaining({ code: 'evaluation/no-condition' }))
    for (const wrong of [{ axes: ['fog'] }, { severities: [6] }, { severities: [] }, { severity: 1 }])
      expect(robustnessEvaluator.schema.safeParse({ kind: 'robustness', ...wrong }).success).toBe(false)
    const subject = subjectOf()
    const other = {
      ...subject,
      features: async (asked: Parameters<Subject['features']>[0] = {}) => {
        const found = await subject.features(asked)
        return asked.variation ? { ...found, imageIds: ['fake/0', 'fake/9', 'fake/2', 'fake/3'] } : found
      },
    }
    await expect(
      robustnessEvaluator.evaluate(other, options({ axes: ['blur'], severities: [1] })),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 'evaluation/changed-data',
        facts: { data: 'fake', variation: 'blur-1', sample: 'fake/1' },
      }),
    )
  })
})

describe('robustness of a policy', () => {
  const heads: Readonly<Record<string, HeadConfig>> = {
    navigation: { kind: 'position', label: 'goal', hidden: [] },
  }

  /** A policy that goes where the command says, but goes wrong for samples whose picture is as dark as their number. */
  const policy = {
    description: { ...description, model: { config: { heads } } },
    runner: {
      run: async (pixels: { data: Float32Array }, ids: { data: BigInt64Array }) => ({
        heads: {
          navigation: {
            values: Float32Array.from(
              [...ids.data].flatMap((goal, row) => [Number(goal) + (pixels.data[row]! < 0 ? 1 : 0), 0, 0]),
            ),
          },
        },
        attention: new Float32Array(),
      }),
    },
  } as unknown as PolicyRuntime

  /** Number of samples that are too dark, by variation. */
  const dark: Readonly<Record<string, number>> = {
    'contrast-1': 1,
    'contrast-2': 3,
    'typos-1': 0,
    'typos-2': 0,
  }
  const count = 4

  function policySubject(labels = true): Subject & { asked: (string | undefined)[] } {
    const data = fakeData({
      width: 1,
      images: [1, 1, 1, 1],
      captions: captions.map((text) => [`go to ${text}`]),
    })
    const asked: (string | undefined)[] = []
    const rows = Array.from({ length: count }, (_, row) => row)
    async function* batches(variation?: Variation): AsyncGenerator<Batch> {
      asked.push(variation?.name)
      const wrong = variation ? dark[variation.name]! : 0
      yield {
        ids: rows.map((row) => `fake/${row}`),
        arrays: {
          pixelValues: float32(
            [count],
            rows.map((row) => (row < wrong ? -1 : 1)),
          ),
          inputIds: int64(
            [count, 1],
            rows.map((row) => row),
          ),
          ...(labels && {
            goal: float32(
              [count, 3],
              rows.flatMap((row) => [row, 0, 0]),
            ),
            goalPresent: float32(
              [count],
              rows.map(() => 1),
            ),
          }),
        },
      }
    }
    return { ...fakeSubject(data), dualEncoder: undefined, policy, batches, asked }
  }

  test('is the success of its heads, beside that with the commands of others', async () => {
    const subject = policySubject()
    const { metrics, details, headline, sections } = await robustnessEvaluator.evaluate(
      subject,
      options({ axes: ['contrast', 'typos'], severities: [1, 2] }),
    )
    expect(subject.asked).toHaveLength(10)
    expect(details!.passes).toBe(10)
    const values = Object.fromEntries(Object.entries(metrics).map(([path, { value }]) => [path, value]))
    expect(values).toEqual({
      'clean.navigation.success': 1,
      'clean.navigation.shuffledSuccess': 0,
      'contrast-1.navigation.success': 0.75,
      'contrast-1.navigation.shuffledSuccess': 0,
      'contrast-2.navigation.success': 0.25,
      'contrast-2.navigation.shuffledSuccess': 0,
      'typos-1.navigation.success': 1,
      'typos-1.navigation.shuffledSuccess': 0,
      'typos-2.navigation.success': 1,
      'typos-2.navigation.shuffledSuccess': 0,
      'contrast.navigation.success': 0.5,
      'contrast.navigation.retainedFraction': 0.5,
      'typos.navigation.success': 1,
      'typos.navigation.retainedFraction': 1,
      'corrupted.navigation.success': 0.75,
      'corrupted.navigation.retainedFraction': 0.75,
    })
    expect(headline).toEqual(['corrupted.navigation.success', 'corrupted.navigation.retainedFraction'])
    expect(sections[0]!.body.toString()).toContain('Mean with other commands')
  })

  test('refuses data without the labels of its heads', async () => {
    await expect(robustnessEvaluator.evaluate(policySubject(false), options())).rejects.toThrow(
      expect.objectContaining({ code: 'data/no-labels' }),
    )
  })
})

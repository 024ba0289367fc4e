import { describe, expect, test } from 'vitest'
import golden from '../../../test/golden/evaluation/probes.json' with { type: 'json' }
import { fakeData, fakeSubject } from '../../../test/support/dual-subject.ts'
import type { SourceSpec } from '../../data/index.ts'
import { linearProbe, linearProbeEvaluator } from './linear-probe.ts'
import { nearestNeighbours, nearestNeighboursEvaluator } from './nearest-neighbours.ts'
import { transfer, transferEvaluator } from './transfer.ts'

const { width } = golden
const learned = ['ant', 'bee', 'cat', 'dog']
/** The judged data has its classes in another order, and one that training lacks. */
const judged = ['dog', 'bee', 'emu', 'ant', 'cat']
const dataOf = (part: 'train' | 'validation', names = learned) =>
  fakeData({ name: part, width, images: golden[part].images, classes: golden[part].labels, names })
const places = golden.test.labels.map((label) => judged.indexOf(learned[label]!))
/** Sources of a user's own kind, which nothing but the subject can open. */
const [train, validation] = ['train', 'validation'].map((name): SourceSpec => ({ kind: 'own', name })) as [
  SourceSpec,
  SourceSpec,
]

function goldenSubject() {
  const data = fakeData({
    ...{ name: 'photos', width, names: judged },
    images: [...golden.test.images, 1, 0, 0, 0, 0, 0],
    classes: [...places, judged.indexOf('emu')],
  })
  return fakeSubject(data, {
    others: {
      'photos/train': dataOf('train'),
      'photos/validation': dataOf('validation', [...learned, 'zebra']),
      train: dataOf('train'),
    },
    texts: async (texts) =>
      Float32Array.from(texts.flatMap((_, i) => Array.from({ length: width }, (_, k) => Number(k === i)))),
  })
}

describe('a linear probe', () => {
  test('has the numbers of scikit-learn, its strength chosen on validation data, classes matched by name', async () => {
    const subject = goldenSubject()
    const options = linearProbeEvaluator.schema.parse(linearProbe({ train, validation }))
    const { metrics, details, samples } = await linearProbeEvaluator.evaluate(subject, options)
    const probe = details!.probe as {
      inverseStrength: number
      converged: boolean
      tried: { accuracy: number }[]
    }
    expect(probe.inverseStrength).toBe(golden.inverseStrength)
    expect(probe.converged).toBe(true)
    expect(probe.tried.map(({ accuracy }) => accuracy)).toEqual(golden.validationAccuracies)
    expect(metrics.accuracy!.value).toBeCloseTo(golden.accuracy, 6)
    expect(metrics.accuracy!.count).toBe(60)
    expect(samples.accuracy!.ids).toHaveLength(60)
    expect(subject.notes.at(-1)).toContain('1 samples are left out')
  })

  test('without validation data holds out a part of the training data, never the judged', async () => {
    const options = linearProbeEvaluator.schema.parse(linearProbe({ train }))
    const { details } = await linearProbeEvaluator.evaluate(goldenSubject(), options)
    const { samples } = details!.probe as { samples: { train: number; validation: number } }
    expect(samples.train).toBe(80)
    expect(samples.validation).toBeGreaterThan(12)
    expect(samples.validation).toBeLessThan(20)
    const again = await linearProbeEvaluator.evaluate(goldenSubject(), options)
    expect(again.details).toEqual(details)
  })

  test('is refused where it would learn or choose from the data that it is judged on', () => {
    const subject = { ...goldenSubject(), dualEncoder: {} as never }
    const { spec } = subject
    const refusal = (options: Parameters<typeof linearProbe>[0]) =>
      linearProbeEvaluator.refusal(subject, linearProbeEvaluator.schema.parse(linearProbe(options)))
    expect(refusal({ train: spec })).toContain('its training data')
    expect(refusal({ train, validation: spec })).toContain('its validation data')
    expect(refusal({ train, validation })).toBeUndefined()
    const neighbours = nearestNeighboursEvaluator.schema.parse(nearestNeighbours({ train: spec }))
    expect(nearestNeighboursEvaluator.refusal(subject, neighbours)).toContain('its training data')
  })

  test('is refused where no sample is left to judge it on, or to choose its strength by', async () => {
    const of = (name: string, classes: number[], names: string[]) =>
      fakeData({ name, width: 2, images: classes.flatMap((place) => [place, 1 - place]), classes, names })
    const refusal = async (judged: ReturnType<typeof of>, others: Parameters<typeof fakeSubject>[1]) => {
      const options = linearProbeEvaluator.schema.parse(linearProbe({ train, validation }))
      const { validation: _, ...alone } = options
      const [first] = await Promise.allSettled([
        linearProbeEvaluator.evaluate(
          fakeSubject(judged, others),
          others!.others!['photos/validation'] ? options : alone,
        ),
      ])
      return (first as PromiseRejectedResult).reason.code
    }
    const [ab, bc] = [
      ['ant', 'bee'],
      ['bee', 'cat'],
    ]
    const taught = { 'photos/train': of('train', [0, 1, 0, 1], ab!) }
    expect(await refusal(of('photos', [2, 2], [...ab!, 'cat']), { others: taught })).toBe(
      'evaluation/no-shared-class',
    )
    const judged = of('photos', [0, 1], ab!)
    const few = { 'photos/train': of('train', [0, 1], ab!) }
    expect(await refusal(judged, { others: few })).toBe('evaluation/too-few-samples')
    const elsewhere = { ...taught, 'photos/validation': of('validation', [1, 1], bc!) }
    expect(await refusal(judged, { others: elsewhere })).toBe('evaluation/too-few-samples')
  })

  test('is refused where classes have other names', async () => {
    const data = fakeData({
      name: 'photos',
      width: 2,
      images: [1, 0, 0, 1],
      classes: [0, 1],
      names: ['elm', 'fir'],
    })
    const others = {
      'photos/train': fakeData({ width: 2, images: [1, 0, 0, 1], classes: [0, 1], names: learned }),
    }
    const options = linearProbeEvaluator.schema.parse(linearProbe({ train }))
    await expect(linearProbeEvaluator.evaluate(fakeSubject(data, { others }), options)).rejects.toMatchObject(
      {
        code: 'evaluation/no-shared-class',
      },
    )
  })
})

describe('nearest neighbours', () => {
  test('have the numbers of scikit-learn, classes matched by name', async () => {
    const options = nearestNeighboursEvaluator.schema.parse(nearestNeighbours({ train, k: 5 }))
    const { metrics } = await nearestNeighboursEvaluator.evaluate(goldenSubject(), options)
    expect(metrics.accuracy!.value).toBeCloseTo(golden.neighbours, 6)
    expect(metrics.meanPerClassRecall!.value).toBeCloseTo(golden.neighboursRecall, 6)
  })

  test('tell when fewer vote than are asked for', async () => {
    const subject = goldenSubject()
    const options = nearestNeighboursEvaluator.schema.parse(nearestNeighbours({ train, k: 500 }))
    await nearestNeighboursEvaluator.evaluate(subject, options)
    expect(subject.notes).toContain('There are 80 neighbours, fewer than 500: all of them vote.')
  })
})

describe('transfer', () => {
  test('judges a probe of each source beside zero-shot on the shared classes', async () => {
    const options = transferEvaluator.schema.parse(transfer({ sources: { train } }))
    const { metrics, headline, details } = await transferEvaluator.evaluate(goldenSubject(), options)
    expect(headline).toEqual(['zeroShot.train.photos', 'probe.train.photos'])
    const cell = (details!.cells as { classes: string[]; inverseStrength: number }[])[0]!
    expect(cell.classes).toEqual(['dog', 'bee', 'ant', 'cat'])
    // Prompt i lies along axis i: the largest of the first four numbers of an image is its answer.
    const hits = places.filter((place, row) => {
      const image = golden.test.images.slice(row * width, row * width + 4)
      return cell.classes[image.indexOf(Math.max(...image))] === judged[place]
    })
    expect(metrics['zeroShot.train.photos']!.value).toBeCloseTo(hits.length / 60, 12)
    expect(metrics['probe.train.photos']!.value).toBeGreaterThan(0.4)
    expect(metrics['probe.train.photos']!.interval).toHaveLength(2)
  })

  test('refuses names of sources with dots, by which two pairs could be one path', () => {
    expect(() => transferEvaluator.schema.parse(transfer({ sources: { 'train.v2': train } }))).toThrow(
      'no dots',
    )
  })

  test('fits no probe to the data that it is judged on', async () => {
    const subject = goldenSubject()
    const options = transferEvaluator.schema.parse(transfer({ sources: { train }, targets: { train } }))
    const { headline } = await transferEvaluator.evaluate(subject, options)
    expect(headline).toEqual(['zeroShot.train.train'])
    expect(subject.notes).toEqual([
      'train and train are the same data: no probe is judged on what it learned.',
    ])
  })
})

import { describe, expect, test } from 'vitest'
import golden from '../../../test/golden/evaluation/zero-shot.json' with { type: 'json' }
import { fakeData, fakeSubject } from '../../../test/support/dual-subject.ts'
import { readLogitScale } from '../../deploy/index.ts'
import { wilson } from '../../metrics/index.ts'
import { zeroShot, zeroShotEvaluator } from './zero-shot.ts'

const names = Array.from({ length: golden.classes }, (_, c) => `class ${c}`)
const options = (more: Parameters<typeof zeroShot>[0] = {}) => zeroShotEvaluator.schema.parse(zeroShot(more))

/** Texts of three templates: which template, then which class. */
const templates = ['0 {}', '1 {}', '2 {}']
const goldenTexts = async (texts: readonly string[]) =>
  Float32Array.from(
    texts.flatMap((text) => {
      const [template, , c] = text.split(' ').map(Number)
      return golden.prompts[template!]!.slice(c! * golden.width, (c! + 1) * golden.width)
    }),
  )

/** Two classes along two axes. */
const axes = async (texts: readonly string[]) =>
  Float32Array.from(texts.flatMap((text) => (text.includes('cat') ? [1, 0] : [0, 1])))

describe('zero-shot classification', () => {
  test('has the numbers of scikit-learn and torchmetrics, by an ensemble of templates', async () => {
    const { images, width, labels } = golden
    const subject = fakeSubject(fakeData({ width, images, classes: labels, names }), { texts: goldenTexts })
    const { metrics, details, samples, headline } = await zeroShotEvaluator.evaluate(
      subject,
      options({ templates }),
    )
    for (const [name, value] of Object.entries(golden.metrics)) {
      if (name !== 'calibrationError') expect(metrics[name]!.value, name).toBeCloseTo(value, 6)
    }
    expect(readLogitScale(subject.directory)).toBeCloseTo(golden.scale, 6)
    expect(metrics.calibrationError!.value).toBeCloseTo(golden.metrics.calibrationError, 6)
    expect(metrics.accuracy!.interval).toEqual(wilson(45, 60).interval)
    for (const path of ['accuracy', 'meanPerClassRecall', 'top5Accuracy']) {
      const { values, ids } = samples[path]!
      expect(ids).toHaveLength(60)
      expect(values.reduce((sum, value) => sum + value, 0) / 60, path).toBeCloseTo(metrics[path]!.value, 12)
    }
    expect(headline.every((path) => metrics[path]!.interval)).toBe(true)
    const dense = names.map(() => names.map(() => 0))
    for (const [label, answer, count] of details!.confusions as [number, number, number][])
      dense[label]![answer] = count
    expect(dense).toEqual(golden.confusion)
    expect(subject.notes).toEqual([
      '1 of 7 classes of fake have no sample: class 6. They are wrong answers only.',
    ])
  })

  test('leaves out and tells samples without a class; features that are not finite count as wrong', async () => {
    const data = fakeData({
      width: 2,
      images: [1, 0, 0, 1, Number.NaN, 0, 0, 1],
      classes: [0, 1, 0],
      names: ['cat', 'dog'],
    })
    const subject = fakeSubject(data, { texts: axes })
    const { metrics, samples } = await zeroShotEvaluator.evaluate(subject, options())
    expect(samples.accuracy).toEqual({ ids: ['fake/0', 'fake/1', 'fake/2'], values: [1, 1, 0] })
    expect(metrics.accuracy!.value).toBeCloseTo(2 / 3, 12)
    expect(metrics.accuracy!.count).toBe(3)
    expect(subject.notes).toEqual([
      '1 of 4 samples of fake have no class and are left out.',
      '1 images of fake have features that are not finite; they count as wrong.',
    ])
  })

  test('without a class label the concepts are the classes, named by their first caption', async () => {
    const captions = [['a cat', 'puss'], ['a kitten'], ['a dog']]
    const data = fakeData({ width: 2, images: [1, 0, 0, 1, 0, 1], concepts: ['c', 'c', 'd'], captions })
    const asked: string[] = []
    const texts = async (prompts: readonly string[]) => {
      asked.push(...prompts)
      return axes(prompts)
    }
    const { samples } = await zeroShotEvaluator.evaluate(
      fakeSubject(data, { texts }),
      options({ templates: 'name' }),
    )
    expect(asked).toEqual(['a cat', 'a dog'])
    expect(samples.accuracy!.values).toEqual([1, 0, 1])
  })

  test('shows the most confident mistakes first, with the class that was right', async () => {
    const images = [0.8, 0.6, 0.6, 0.8, 0, 1, 1, 0]
    const data = fakeData({ width: 2, images, classes: [1, 0, 0, 0], names: ['cat', 'dog'] })
    const { sections } = await zeroShotEvaluator.evaluate(fakeSubject(data, { texts: axes }), options())
    const html = sections[0]!.body.toString()
    expect(sections[0]!.title).toBe('Most confident mistakes')
    expect(html.match(/<article/g)).toHaveLength(4)
    expect(html.match(/class="right"/g)).toHaveLength(4)
    const asked = [...html.matchAll(/class="asked">.*?<p>(\w+)<\/p>/g)].map(([, name]) => name)
    expect(asked).toEqual(['cat', 'dog', 'cat', 'cat'])
    expect(html).toContain('data:image/png;base64,')
  })

  const labelled = { width: 2, images: [1, 0, 0, 1], classes: [0, 1] }
  test.each([
    [
      'a template without {}',
      fakeData({ ...labelled, names: ['cat', 'dog'] }),
      { templates: ['a photo'] },
      'evaluation/templates',
    ],
    [
      'an unknown label',
      fakeData({ ...labelled, names: ['cat', 'dog'] }),
      { label: 'clas' },
      'evaluation/no-class-label',
    ],
    ['classes without names', fakeData({ ...labelled, count: 2 }), {}, 'evaluation/class-names'],
    ['an empty name', fakeData({ ...labelled, names: ['cat', ' '] }), {}, 'evaluation/class-names'],
    ['one name twice', fakeData({ ...labelled, names: ['cat', 'cat'] }), {}, 'evaluation/class-names'],
    [
      'too few names',
      fakeData({ ...labelled, names: ['cat', 'dog'] }),
      { classes: ['cat'] },
      'evaluation/class-names',
    ],
    [
      'one class',
      fakeData({ ...labelled, classes: [0, 0], names: ['cat'] }),
      {},
      'evaluation/too-few-classes',
    ],
    [
      'one concept',
      fakeData({ width: 2, images: [1, 0, 0, 1], concepts: ['a', 'a'] }),
      {},
      'evaluation/too-few-classes',
    ],
    [
      'no sample with the label',
      fakeData({ width: 2, images: [1, 0], names: ['cat', 'dog'] }),
      {},
      'evaluation/no-class-label',
    ],
  ] as const)('refuses %s', async (_, data, more, code) => {
    const subject = fakeSubject(data, { texts: axes })
    await expect(zeroShotEvaluator.evaluate(subject, options(more))).rejects.toMatchObject({ code })
  })

  test('takes names of the classes from its options', async () => {
    const subject = fakeSubject(fakeData({ ...labelled, count: 2 }), { texts: axes })
    const { metrics } = await zeroShotEvaluator.evaluate(subject, options({ classes: ['cat', 'dog'] }))
    expect(metrics.accuracy!.value).toBe(1)
  })

  test('needs a model whose images and texts share a space', () => {
    expect(zeroShotEvaluator.refusal(fakeSubject(fakeData({ width: 1, images: [] })))).toContain(
      'dual encoder',
    )
  })
})

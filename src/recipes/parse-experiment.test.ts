import { describe, expect, it } from 'vitest'
import { curriculum, emoji } from '../data/index.ts'
import { parseExperiment, recipes } from './index.ts'

describe('parseExperiment', () => {
  it('fills in every default, so that parsing the result again changes nothing', () => {
    for (const recipe of Object.values(recipes)) {
      const config = parseExperiment(recipe())
      expect(config.optimizer.options).toHaveProperty('epsilon')
      expect(parseExperiment(JSON.parse(JSON.stringify(config)))).toEqual(config)
    }
  })

  it('names every wrong key with its path and the nearest right one', () => {
    const wrong = {
      ...recipes.emoji!(),
      bachSize: 3,
      images: { resolutoin: 48 },
      seed: 'x',
    }
    expect(() => parseExperiment(wrong)).toThrow(
      expect.objectContaining({
        code: 'config/experiment',
        facts: {
          problems: expect.arrayContaining([
            "bachSize: there is no such key; did you mean 'batchSize'?",
            "images.resolutoin: there is no such key; did you mean 'resolution'?",
            expect.stringMatching(/^seed: /),
          ]),
        },
      }),
    )
  })

  it('refuses keys of the model that its schema would let pass', () => {
    const { model, ...rest } = recipes.emoji!()
    const vision_config = { ...model.vision_config, pach_size: 8 }
    expect(() => parseExperiment({ ...rest, model: { ...model, vision_config } })).toThrow(
      "model.vision_config.pach_size: there is no such key; did you mean 'patch_size'?",
    )
  })

  it('takes a source for its description', () => {
    const source = emoji({ split: 'validation' })
    expect(parseExperiment({ ...recipes.emoji!(), data: source }).data).toEqual(source.spec)
  })

  it('takes samplers with their defaults, and names what is wrong with them', () => {
    const sampler = curriculum({ metric: 'imageToText.R@5' })
    expect(
      parseExperiment({ ...recipes.emoji!(), sampler: { kind: 'curriculum', metric: 'imageToText.R@5' } }),
    ).toEqual(parseExperiment({ ...recipes.emoji!(), sampler }))
    const wrong = { ...sampler, thresholds: [0.5, 60], windw: 3 }
    expect(() => parseExperiment({ ...recipes.emoji!(), sampler: wrong })).toThrow(
      expect.objectContaining({
        facts: {
          problems: [
            expect.stringMatching(/^sampler\.thresholds\.1: /),
            "sampler.windw: there is no such key; did you mean 'window'?",
          ],
        },
      }),
    )
  })

  it.each([
    [{ augment: [{ kind: 'horizontalFlp' }] }, 'did you mean "horizontalFlip"'],
    [{ augment: [{ kind: 'horizontalFlip', probability: 1.5 }] }, 'horizontalFlip.probability'],
    [{ augment: [{ kind: 'randomErasing', probability: -0.1 }] }, 'randomErasing.probability'],
    [{ mix: [{ kind: 'mixup' }] }, 'did you mean "mixUp"'],
    [{ mix: [{ kind: 'cutMix', alpha: 'much' }] }, 'cutMix.alpha'],
  ])('refuses %j, naming what is wrong', (wrong, words) => {
    expect(() => parseExperiment({ ...recipes.emoji!(), ...wrong })).toThrow(words)
  })

  it('names kind in the place of the keys that it replaced, at any depth', () => {
    const emoji = { source: 'emoji', split: 'train' }
    const wrong = {
      data: {
        kind: 'mix',
        of: { a: { data: { kind: 'filter', of: emoji, keep: { every: 2 } }, weight: 1 } },
      },
      tests: { one: { source: 'concat', of: { a: emoji } } },
      augment: [{ transform: 'horizontalFlip' }],
      mix: [{ transform: 'mixUp' }],
      sampler: { sampler: 'curriculum', metric: 'imageToText.R@5' },
    }
    expect(() => parseExperiment({ ...recipes.emoji!(), ...wrong })).toThrow(
      expect.objectContaining({
        code: 'config/experiment',
        facts: {
          problems: [
            'data.of.a.data.of.source is now data.of.a.data.of.kind',
            'tests.one.source is now tests.one.kind',
            'augment.0.transform is now augment.0.kind',
            'sampler.sampler is now sampler.kind',
            'mix.0.transform is now mix.0.kind',
          ],
        },
      }),
    )
  })

  it.each([[undefined], [null], [5], ['emoji'], [[]]])('refuses %j', (input) => {
    expect(() => parseExperiment(input)).toThrow(expect.objectContaining({ code: 'config/experiment' }))
  })
})

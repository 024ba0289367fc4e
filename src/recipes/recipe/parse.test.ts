import { describe, expect, it } from 'vitest'
import { curriculum, emoji } from '../../data/index.ts'
import type { ClipConfig } from '../../models/index.ts'
import { parseRecipe, recipes } from '../index.ts'

describe('parseRecipe', () => {
  it('fills in every default, so that parsing the result again changes nothing', () => {
    for (const recipe of Object.values(recipes)) {
      const config = parseRecipe({ ...recipe(), base: undefined }) // a run, which is not there
      expect(config.optimizer).toHaveProperty('epsilon')
      expect(parseRecipe(JSON.parse(JSON.stringify(config)))).toEqual(config)
    }
  })

  it('names every wrong key with its path and the nearest right one', () => {
    const wrong = {
      ...recipes.emoji!(),
      batchs: { size: 3 },
      images: { resolutoin: 48 },
      seed: 'x',
    }
    expect(() => parseRecipe(wrong)).toThrow(
      expect.objectContaining({
        code: 'config/recipe',
        facts: {
          problems: expect.arrayContaining([
            "batchs: there is no such key; did you mean 'batches'?",
            "images.resolutoin: there is no such key; did you mean 'resolution'?",
            expect.stringMatching(/^seed: /),
          ]),
        },
      }),
    )
  })

  it('refuses keys of the model that its schema would let pass', () => {
    const { model, ...rest } = recipes.emoji!()
    const vision_config = { ...(model as ClipConfig).vision_config, pach_size: 8 }
    expect(() => parseRecipe({ ...rest, model: { ...model, vision_config } })).toThrow(
      "model.vision_config.pach_size: there is no such key; did you mean 'patch_size'?",
    )
  })

  it('takes a source for its description', () => {
    const source = emoji({ split: 'validation' })
    expect(parseRecipe({ ...recipes.emoji!(), data: source }).data).toEqual(source.spec)
  })

  it('takes samplers with their defaults, and names what is wrong with them', () => {
    const sampler = curriculum({ metric: 'imageToText.R@5' })
    expect(
      parseRecipe({
        ...recipes.emoji!(),
        batches: { size: 9, sampler: { kind: 'curriculum', metric: 'imageToText.R@5' } },
      }),
    ).toEqual(parseRecipe({ ...recipes.emoji!(), batches: { size: 9, sampler } }))
    const wrong = { ...sampler, thresholds: [0.5, 60], windw: 3 }
    expect(() => parseRecipe({ ...recipes.emoji!(), batches: { size: 9, sampler: wrong } })).toThrow(
      expect.objectContaining({
        facts: {
          problems: [
            expect.stringMatching(/^batches\.sampler\.thresholds\.1: /),
            "batches.sampler.windw: there is no such key; did you mean 'window'?",
          ],
        },
      }),
    )
  })

  it.each([
    [{ augment: [{ kind: 'horizontalFlp' }] }, "did you mean 'horizontalFlip'"],
    [{ augment: [{ kind: 'horizontalFlip', probability: 1.5 }] }, 'horizontalFlip.probability'],
    [{ augment: [{ kind: 'randomErasing', probability: -0.1 }] }, 'randomErasing.probability'],
    [{ mix: [{ kind: 'mixup' }] }, "did you mean 'mixUp'"],
    [{ mix: [{ kind: 'cutMix', alpha: 'much' }] }, 'cutMix.alpha'],
  ])('refuses %j, naming what is wrong', (wrong, words) => {
    expect(() => parseRecipe({ ...recipes.emoji!(), ...wrong })).toThrow(words)
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
      batches: { size: 9, sampler: { sampler: 'curriculum', metric: 'imageToText.R@5' } },
    }
    expect(() => parseRecipe({ ...recipes.emoji!(), ...wrong })).toThrow(
      expect.objectContaining({
        code: 'config/recipe',
        facts: {
          problems: [
            'data.of.a.data.of.source is now data.of.a.data.of.kind',
            'tests.one.source is now tests.one.kind',
            'augment.0.transform is now augment.0.kind',
            'mix.0.transform is now mix.0.kind',
            'batches.sampler.sampler is now batches.sampler.kind',
          ],
        },
      }),
    )
  })

  it('names the new place of every key that was moved into a group', () => {
    const { validation, ...recipe } = recipes.emoji!()
    const old = {
      ...recipe,
      validation: validation!.data,
      batchSize: 3,
      precision: 'float16',
      tokenizer: { vocabularySize: 600 },
      optimizer: { name: 'adamW', options: {} },
      stages: [{ name: 'one', heads: ['a'], threshold: 1, batchSize: 2, monitor: 'x' }],
    }
    expect(() => parseRecipe(old)).toThrow(
      expect.objectContaining({
        code: 'config/recipe',
        facts: {
          problems: [
            'optimizer.name is now optimizer.kind',
            'optimizer.options is now optimizer',
            'validation: the data set is now validation.data',
            'batchSize is now batches.size',
            'precision is now machine.precision',
            'tokenizer is now texts',
            'stages.0.batchSize is now stages.0.batches.size',
            'stages.0.monitor is now stages.0.validation.monitor',
          ],
        },
      }),
    )
  })

  it.each([[undefined], [null], [5], ['emoji'], [[]]])('refuses %j', (input) => {
    expect(() => parseRecipe(input)).toThrow(expect.objectContaining({ code: 'config/recipe' }))
  })
})

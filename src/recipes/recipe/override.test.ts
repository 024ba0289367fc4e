import { describe, expect, it } from 'vitest'
import { override, parseRecipe, recipes } from '../index.ts'

const config = () => parseRecipe(recipes.emoji!())

describe('override', () => {
  it('replaces values at any depth, in JSON or as text, and leaves the given config as it was', () => {
    const before = config()
    const after = override(before, [
      'seed=11',
      'name=mine',
      'model.vision_config.hidden_size=96',
      'optimizer.learningRate=5e-4',
      'clipNorm=null',
      'augment.0.scale=[0.5,1]',
    ])
    expect(after).toMatchObject({ seed: 11, name: 'mine', clipNorm: null })
    expect(after.model).toMatchObject({ vision_config: { hidden_size: 96 } })
    expect(after.optimizer.learningRate).toBe(5e-4)
    expect(after.augment[0]).toMatchObject({ scale: [0.5, 1] })
    expect(before).toEqual(config())
  })

  it('refuses two values for one key, and takes the same one twice', () => {
    const twice = () => override(config(), ['epochs=1', 'seed=3', 'epochs=0'])
    expect(twice).toThrow('epochs is set twice: epochs=1 and epochs=0. Leave one of them out')
    expect(override(config(), ['seed=3', 'seed=3']).seed).toBe(3)
  })

  it('sets keys that the config does not have yet', () => {
    const after = override(config(), [
      'averageDecay=0.99',
      'parameters.0.pattern=text_model.*',
      'parameters.0.freeze=true',
      'tests.twice.kind=emoji',
      'tests.twice.split=validation',
    ])
    expect(after.averageDecay).toBe(0.99)
    expect(after.parameters).toEqual([{ pattern: 'text_model.*', freeze: true }])
    expect(after.tests.twice).toEqual({ kind: 'emoji', split: 'validation' })
  })

  it('appends to lists, and takes whole objects', () => {
    const { length } = config().augment
    const after = override(config(), ['schedule={"kind":"constant"}', `augment.${length}={"kind":"typos"}`])
    expect(after.schedule).toEqual({ kind: 'constant', warmupSteps: 0, warmupEpochs: 0 })
    expect(after.augment).toHaveLength(length + 1)
  })

  it.each([
    ['sed=1', 'config/unknown-key', "no key 'sed'; did you mean 'seed'?"],
    ['model.vision_config.hidden_sise=1', 'config/unknown-key', "did you mean 'hidden_size'?"],
    ['data.source=folder', 'config/unknown-key', "no key 'data.source'; it is now data.kind"],
    ['data.splt=train', 'config/unknown-key', "did you mean 'split'?"],
    ['seed.x=1', 'config/unknown-key', 'nothing can stand below'],
    ['augment.7.scale=1', 'config/unknown-key', 'augment is a list of 3'],
    ['augment.scale=1', 'config/unknown-key', 'augment is a list of 3'],
    ['optimizer.learningRat=1', 'optim/unknown-option', "did you mean 'learningRate'?"],
    ['augment.0.scal=[0.5,1]', 'augment/parameters', "did you mean 'scale'?"],
    ['augment.0.kind=randomResizedCorp', 'augment/unknown', "did you mean 'randomResizedCrop'?"],
    ['optimizer.kind=adam', 'config/unknown-optimizer', "did you mean 'adamW'?"],
    ['model.image.heads=5', 'config/unknown-key', 'the model has it under model.vision_config: hidden_size'],
    ['batchSize=3', 'config/unknown-key', "no key 'batchSize'; it is now batches.size"],
    ['optimizer.options.beta1=1', 'config/unknown-key', 'it is now optimizer.beta1'],
    ['seed=soon', 'config/recipe', 'seed: '],
    ['seed', 'config/override', 'path.to.key=value'],
    ['=1', 'config/override', 'path.to.key=value'],
    ['model..x=1', 'config/override', 'path.to.key=value'],
  ])('refuses %s', (assignment, code, message) => {
    expect(() => override(config(), [assignment])).toThrow(
      expect.objectContaining({ name: 'ConfigError', code, message: expect.stringContaining(message) }),
    )
  })
})

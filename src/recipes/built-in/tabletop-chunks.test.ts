import { expect, it } from 'vitest'
import { actsInChunks, type ChunkPolicyConfig, type PolicyConfig } from '../../models/index.ts'
import { episodeFeatures, robotNumbers } from '../../world/index.ts'
import { parseRecipe, recipes } from '../index.ts'

// The base is a run, which is not there.
const configs = ['tabletop-act', 'tabletop-flow'].map(
  (name) => [name, parseRecipe({ ...recipes[name]!(), base: undefined })] as const,
)

it.each(configs)(
  '%s learns from demonstrations that it makes, and is tested on held-out ones',
  (name, config) => {
    const { generate, data, validation, tests, model } = config
    expect(config.name).toBe(name)
    expect(generate).toMatchObject({ kind: 'tabletopEpisodes', tasks: ['pick'] })
    const directories = [data, validation.data!, ...Object.values(tests)].map((source) =>
      source.kind === 'lerobot' ? source.directory : '',
    )
    const splits = ['train', 'validation', 'heldOutScenes', 'heldOutPhrasings', 'heldOutPairs']
    expect(directories).toEqual(splits.map((split) => `${generate!.directory}/${split}`))
    if (!actsInChunks(model)) throw new Error('it is no policy that acts in chunks')
    const arm = new Array(7).fill('joint')
    const { state, action } = robotNumbers({ elements: { arm } } as never, false)
    expect([model.state_size, model.action_size]).toEqual([state.length, action.length])
    expect(model.cameras).toEqual([episodeFeatures.head])
    expect(model.head).toBe(name.replace('tabletop-', ''))
  },
)

it('the eyes have the sizes of the one-shot policy that they begin with', () => {
  expect(recipes['tabletop-act']!().base).toBe(`runs/${recipes['tabletop-multitask']!().name}`)
  const its = recipes['tabletop-multitask']!().model as PolicyConfig
  for (const [, { model }] of configs) {
    const own = model as ChunkPolicyConfig
    expect(own.vision_config).toMatchObject(its.vision_config)
    expect(own.text_config).toEqual(its.text_config)
    expect(own.fusion_config).toEqual(its.fusion_config)
    for (const [name, head] of Object.entries(own.glance_heads)) expect(head).toEqual(its.heads[name])
    expect(Object.keys(own.glance_heads)).toEqual(['grasping', 'manipulation'])
  }
})

it('all have the same data', () => {
  for (const [, { generate, data }] of configs)
    expect([generate, data]).toEqual([configs[0]![1].generate, configs[0]![1].data])
})

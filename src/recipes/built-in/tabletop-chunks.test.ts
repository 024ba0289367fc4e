import { expect, it } from 'vitest'
import { actsInChunks, type ChunkPolicyConfig, type PolicyConfig } from '../../models/index.ts'
import { episodeFeatures, robotNumbers } from '../../world/index.ts'
import { parseRecipe, recipes } from '../index.ts'

// The base is a run, which is not there.
const configs = [
  ['tabletop-act', 'act', 'pick', 'tabletop-multitask'],
  ['tabletop-flow', 'flow', 'pick', 'tabletop-multitask'],
  ['tabletop-put', 'act', 'put', 'tabletop-placing'],
].map(([name, head, task, eyes]) => {
  const config = parseRecipe({ ...recipes[name!]!(), base: undefined })
  return { name: name!, head, task, eyes: eyes!, config }
})

it.each(configs)(
  '$name learns from demonstrations that it makes, and is tested on held-out ones',
  ({ name, head, task, config }) => {
    const { generate, data, validation, tests, model } = config
    expect(config.name).toBe(name)
    if (generate?.kind !== 'tabletopEpisodes') throw new Error('it makes no demonstrations')
    expect(generate.tasks).toEqual([task])
    const directories = [data, validation.data!, ...Object.values(tests)].map((source) =>
      source.kind === 'lerobot' ? source.directory : '',
    )
    const splits = ['train', 'validation', 'heldOutScenes', 'heldOutPhrasings', 'heldOutPairs']
    expect(directories).toEqual(splits.map((split) => `${generate.directory}/${split}`))
    if (!actsInChunks(model)) throw new Error('it is no policy that acts in chunks')
    const arm = new Array(7).fill('joint')
    const { state, action } = robotNumbers({ elements: { arm } } as never, {
      base: false,
      actionSpace: generate.actionSpace,
    })
    expect([model.state_size, model.action_size]).toEqual([state.length, action.length])
    expect(model.cameras).toEqual([episodeFeatures.head])
    expect(model.head).toBe(head)
  },
)

it.each(configs)(
  'the eyes of $name have the sizes of the one-shot policy that they begin with',
  ({ name, eyes, config }) => {
    expect(recipes[name]!().base).toBe(`runs/${recipes[eyes]!().name}`)
    const its = recipes[eyes]!().model as PolicyConfig
    const own = config.model as ChunkPolicyConfig
    expect(own.vision_config).toMatchObject(its.vision_config)
    expect(own.text_config).toEqual(its.text_config)
    expect(own.fusion_config).toEqual(its.fusion_config)
    for (const [name, head] of Object.entries(own.glance_heads)) expect(head).toEqual(its.heads[name])
    expect(Object.keys(own.glance_heads)).toEqual(
      Object.keys(its.heads).filter((head) => !['detection', 'navigation', 'manipulation'].includes(head)),
    )
  },
)

it('recipes of one task have the same data, and of another task others', () => {
  const [act, flow, put] = configs.map(({ config: { generate, data } }) => [generate, data])
  expect(flow).toEqual(act)
  expect(put).not.toEqual(act)
  const directories = configs.map(({ config: { generate } }) => generate!.directory)
  expect(new Set(directories).size).toBe(2)
})

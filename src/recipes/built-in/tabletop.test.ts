import { expect, it } from 'vitest'
import { hasHeads, type PolicyConfig } from '../../models/index.ts'
import { imitation, parseRecipe, recipes } from '../index.ts'

const onTabletop = Object.entries(recipes).filter(
  ([name, recipe]) => name.startsWith('tabletop-') && recipe().generate?.kind === 'tabletop',
)
// A base is a run, which is not there.
const configs = onTabletop.map(
  ([name, recipe]) => [name, parseRecipe({ ...recipe(), base: undefined })] as const,
)

it('all recipes but tabletop-placing learn from one data set, which any of them makes', () => {
  expect(onTabletop.length).toBeGreaterThan(4)
  for (const [name, { generate, data, validation }] of configs) {
    const own = name === 'tabletop-placing'
    expect(generate, name).toMatchObject(own ? { tasks: ['put'] } : configs[0]![1].generate!)
    for (const source of [data, validation.data!])
      expect(source).toHaveProperty('directory', generate!.directory)
  }
})

it.each(configs)(
  '%s trains a run of its name, and is tested on scenes, phrasings and pairs held out',
  (name, config) => {
    expect(config.name).toBe(name)
    const splits = Object.entries(config.tests).map(([test, source]) => [
      test,
      'split' in source && source.split,
    ])
    expect(splits).toEqual(
      ['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'].map((split) => [split, split]),
    )
  },
)

it.each(configs)('%s learns, is watched and takes its words from nothing held out', (_, config) => {
  const read = [config, ...(config.stages ?? [])].flatMap(({ data, validation }) => [data, validation.data])
  const splits = [...read, ...config.texts.corpus].map(
    (source) => source && 'split' in source && source.split,
  )
  for (const split of splits.filter((split) => split !== undefined))
    expect(['train', 'validation']).toContain(split)
})

it('tabletop-placing has the towers and heads of the policy that it begins with, and looks at two boxes', () => {
  const base = recipes['tabletop-multitask']!()
  const { model, base: run, objective } = recipes['tabletop-placing']!()
  expect(run).toBe(`runs/${base.name}`)
  const [own, its] = [model, base.model] as PolicyConfig[]
  const { navigation: _, ...shared } = its!.heads
  expect(own).toEqual({ ...its, heads: { ...shared, placing: { ...own!.heads.placing } } })
  expect(objective).toMatchObject({ grounding: { label: ['box', 'landmark'] } })
  expect(own!.glances).toBe(2)
})

it('boxes for more glances than a policy has are refused', () => {
  const recipe = { ...recipes['tabletop-placing']!(), base: undefined }
  const objective = imitation({ grounding: { label: ['box', 'landmark', 'box'] } })
  expect(() => parseRecipe({ ...recipe, objective })).toThrow(/3 boxes for 2 glances/)
})

it('the stages of tabletop-progressive learn one task more each and rehearse those before', () => {
  const { stages = [], model } = parseRecipe(recipes['tabletop-progressive']!())
  expect(stages.flatMap(({ heads }) => heads).sort()).toEqual(
    hasHeads(model) ? Object.keys(model.heads).sort() : [],
  )
  expect(stages.every(({ rehearse }) => rehearse)).toBe(true)
})

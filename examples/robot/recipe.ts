import { type RecipeInput, recipes } from 'visuomotor/recipes'

const directory = 'data/robot-demo'
const small = recipes['tabletop-multitask']!()
const scenes = (split: string) => ({ kind: 'tabletop', directory, split }) as RecipeInput['data']

/** The recipe `tabletop-multitask` in a few minutes: a quarter of the scenes, a quarter of the steps. */
export default {
  ...small,
  name: 'robot-demo',
  generate: { kind: 'tabletop', directory, scenes: 3000, seed: 1, commands: 4 },
  data: scenes('train'),
  validation: { data: scenes('validation') },
  tests: { heldOutScenes: scenes('heldOutScenes'), heldOutPhrasings: scenes('heldOutPhrasings') },
  epochs: 8,
} satisfies RecipeInput

import { type RecipeInput, recipes } from 'visuomotor/recipes'

const directory = 'data/own-robot'
const reaching = recipes['tabletop-manipulation']!()
const scenes = (split: string) => ({ kind: 'tabletop', directory, split }) as RecipeInput['data']

/** A policy that brings the hand of an own robot, of however many joints, to what it is told. */
export default {
  ...reaching,
  name: 'own-robot',
  generate: {
    kind: 'tabletop',
    directory,
    scenes: 3000,
    seed: 1,
    commands: 4,
    setting: 'table',
    robot: 'examples/own-robot/robot.xml',
  },
  data: scenes('train'),
  validation: { data: scenes('validation') },
  tests: { heldOutScenes: scenes('heldOutScenes'), heldOutPhrasings: scenes('heldOutPhrasings') },
  epochs: 8,
} satisfies RecipeInput

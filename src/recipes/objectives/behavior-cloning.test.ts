import { expect, test } from 'vitest'
import type { Source } from '../../data/index.ts'
import { type ChunkPolicyConfig, chunkKeys } from '../../models/index.ts'
import { episodeFeatures } from '../../world/index.ts'
import { parseRecipe, recipes } from '../index.ts'
import { behaviorCloning, behaviorCloningObjective } from './behavior-cloning.ts'

const { head, box, landmark } = episodeFeatures

/** A training set of the recipe's robot, with boxes. */
const sourceOf = (boxes: Record<string, number[]>): Source => ({
  name: 'demonstrations',
  cameras: [head],
  arrays: {
    [chunkKeys.state]: { shape: [7], dtype: 'float32' },
    [chunkKeys.action]: { shape: [48, 7], dtype: 'float32' },
    [chunkKeys.isPad]: { shape: [48], dtype: 'float32' },
    ...Object.fromEntries(
      Object.entries(boxes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
    ),
  },
  async *samples() {},
})

/** Refusal of data by `tabletop-act`, which learns where to look from these boxes. */
function refusal(label: [string, ...string[]], source: Source, change: Partial<ChunkPolicyConfig> = {}) {
  const objective = behaviorCloning({ grounding: { label } })
  const recipe = parseRecipe({ ...recipes['tabletop-act']!(), base: undefined, objective })
  const model = { ...(recipe.model as ChunkPolicyConfig), ...change }
  try {
    behaviorCloningObjective.requireTrainingData(
      { ...recipe, model, objective: recipe.objective } as never,
      source,
    )
    return undefined
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`
  }
}

test('boxes teach where to look when there are as many glances', () => {
  const source = sourceOf({ [box]: [1, 4], [landmark]: [1, 4], 'hand.box': [1, 4] })
  expect(refusal([box], source)).toBeUndefined()
  expect(refusal([box, landmark], source)).toBeUndefined()
  expect(refusal([box, landmark, 'hand.box'], source)).toBe(
    'config/robot-data: demonstrations cannot teach where to look: 3 boxes for 2 glances',
  )
  expect(refusal([box], source, { fusion_config: null })).toMatch(/no glances \(model\.fusion_config\)/)
})

test('boxes that the data has not, or that are none, are named', () => {
  expect(refusal(['target.bocks'], sourceOf({ [box]: [1, 4] }))).toMatch(
    /it has no 'target\.bocks'; did you mean 'target\.box'\?; name it in the source's deltaTimestamps/,
  )
  expect(refusal([box], sourceOf({ [box]: [2, 4] }))).toMatch(
    /'target\.box' is \[2,4\].* a box has 4 numbers/,
  )
})

import { join } from 'node:path'
import { type RecipeInput, recipes } from '../../src/index.ts'
import type { ChunkPolicyConfig } from '../../src/models/index.ts'
import { parseRecipe } from '../../src/recipes/index.ts'

export const heads = ['l1', 'act', 'flow'] as const
export type Head = (typeof heads)[number]

/** A policy of the comparison: its head, the actions of its chunks, and its seed. */
export interface Compared {
  readonly head: Head
  readonly chunk: number
  readonly seed: number
}

/** Actions of a chunk in the recipes. */
export const { chunk_size: usualChunk } = recipes['tabletop-act']!().model as ChunkPolicyConfig

/** Part of a pass over all frames that each policy of the comparison learns: there are many of them. */
const part = 1 / 4

/** Lengths of chunks that are compared, with the head `act`. */
export const chunkLengths = [8, 16, 32, 48] as const

export const home = join('runs', 'chunks')

export const nameOf = ({ head, chunk, seed }: Compared): string => `${head}-${chunk}-seed-${seed}`

export const directoryOf = (policy: Compared): string => join(home, nameOf(policy))

/** The demonstrations that all policies learn from. */
export function demonstrations() {
  // Where the demonstrations are made, the base need not be there yet.
  const { generate } = parseRecipe({ ...recipes['tabletop-act']!(), base: undefined })
  if (!generate) throw new Error('tabletop-act makes no demonstrations')
  return generate
}

/** The run whose eyes all policies begin with, of the recipe `tabletop-multitask`. */
export function eyes(): string {
  const { base } = recipes['tabletop-act']!()
  if (base === undefined) throw new Error('tabletop-act has no base')
  return base
}

/**
 * The recipe of a policy: a quarter of the steps of `tabletop-act` or `tabletop-flow`, with all else equal but that all frames are
 * learned from, since short chunks are asked for late in a task, too. It makes no demonstrations, since several processes train at once.
 */
export function recipeOf({ head, chunk, seed }: Compared): RecipeInput {
  const { generate: _, ...recipe } = recipes[head === 'flow' ? 'tabletop-flow' : 'tabletop-act']!()
  const model = recipe.model as ChunkPolicyConfig
  const withChunk = <Source>(source: Source): Source => ({ ...source, chunk, dropLastFrames: 0 })
  return {
    ...recipe,
    name: `${head}-${chunk}`,
    seed,
    epochs: part,
    // Several processes share the work.
    machine: { threads: 1, workers: 1 },
    model: { ...model, head, chunk_size: chunk, n_action_steps: chunk / 2 },
    data: withChunk(recipe.data),
    validation: { ...recipe.validation, data: withChunk(recipe.validation!.data!) },
    tests: {},
  }
}

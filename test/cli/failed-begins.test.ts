import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { DualEncoder } from '../../src/models/index.ts'
import {
  contrastiveObjective,
  type Objective,
  type Objectives,
  type RecipeInput,
  train,
} from '../../src/recipes/index.ts'
import { cachedFeatureTask, contrastiveTask } from '../../src/training/index.ts'
import { hashOf } from '../support/hash-of.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

/** The contrastive objective with a loss that multiplies features of [batch, 16] with each other. */
const misfit: Objective<{ readonly kind: 'misfit' }, DualEncoder> = {
  ...contrastiveObjective,
  schema: z.strictObject({ kind: z.literal('misfit') }),
  task: (model) =>
    cachedFeatureTask({
      name: 'misfit',
      parameters: contrastiveTask(model).parameters,
      features: (leaves) => ({ image: model.encodeImage(leaves.get('pixelValues')) }), // [batch, 16]
      loss: ({ image }) => ({ loss: image!.matmul(image!).mean([0, 1]) }),
    }),
}

describe('a run that cannot be trained', () => {
  let home: string
  let run: string
  let recipe: RecipeInput
  const folder = (name: string) => ({ kind: 'folder' as const, directory: join(home, name) })

  beforeAll(async () => {
    const made = await shapesRecipe()
    home = made.home
    run = join(home, 'run')
    recipe = (await import(made.file)).default()
    await train({ ...recipe, epochs: 2 }, { out: run, callbacks: [] })
    cpSync(join(home, 'shapes'), join(home, 'broken'), { recursive: true })
    for (const name of readdirSync(join(home, 'broken')).filter((name) => name.endsWith('.png')))
      writeFileSync(join(home, 'broken', name), 'no image')
  })

  test.each<[string, () => object, string]>([
    ['shapes that do not fit', () => ({ objective: { kind: 'misfit' } }), 'shape/matmul'],
    ['samples that cannot be used', () => ({ data: folder('broken') }), 'data/unreadable-image'],
    [
      'a validation that cannot be used',
      () => ({ validation: { data: folder('broken') } }),
      'data/unreadable-image',
    ],
    [
      'a loss that is not finite after the first step',
      () => ({ optimizer: { kind: 'adamW', learningRate: 1e30 }, schedule: { kind: 'constant' } }),
      'training/not-finite',
    ],
  ])('moves no earlier run, however often it is tried: %s', async (_, change, code) => {
    const contents = () => readdirSync(home, { recursive: true }).sort()
    const weights = join(run, 'checkpoints/4/model.safetensors')
    const [before, hash] = [contents(), hashOf(weights)]
    const objectives = { misfit } as unknown as Objectives
    for (let time = 0; time < 2; time++) {
      const changed = { ...recipe, ...change() } as RecipeInput
      await expect(train(changed, { out: run, objectives, callbacks: [] })).rejects.toMatchObject({ code })
      expect(contents()).toEqual(before)
    }
    expect(hashOf(weights)).toBe(hash)
  })
})

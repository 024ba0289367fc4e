import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { float32, hostArray, latestCheckpoint, random } from '../../src/core/index.ts'
import type { Sample, Source } from '../../src/data/index.ts'
import { behaviorCloning, chunkPolicy, constant, type RecipeInput, resume, train } from '../../src/index.ts'
import { parseRecipe } from '../../src/recipes/index.ts'
import { episodeFeatures } from '../../src/world/index.ts'
import { drawnPng } from '../support/drawn-png.ts'

// A policy that acts in the simulated world at each validation while it learns.

const home = mkdtempSync(join(tmpdir(), 'visuomotor-rollouts-'))
const [chunk, numbers, count] = [60, 8, 4]
const own = { kind: 'own', name: 'demonstrations' } as const

async function demonstrations(): Promise<Source> {
  const bytes = new Uint8Array(await drawnPng())
  const statistic = { min: [], max: [], mean: new Array(numbers).fill(0), std: new Array(numbers).fill(0.5) }
  return {
    name: 'demonstrations',
    spec: own,
    size: count,
    cameras: [episodeFeatures.head],
    arrays: {
      'observation.state': { dtype: 'float32', shape: [numbers] },
      action: { dtype: 'float32', shape: [chunk, numbers] },
      action_is_pad: { dtype: 'bool', shape: [chunk] },
    },
    statistics: { 'observation.state': statistic, action: statistic },
    async *samples({ skip = 0 } = {}) {
      for (let i = skip; i < count; i++) {
        const stream = random(1, 'demonstration', i)
        const drawn = (length: number) => Array.from({ length }, () => stream.uniform(-0.5, 0.5))
        yield {
          id: `demonstration/${i}`,
          image: { bytes },
          captions: ['pick up the red cup'],
          origin: { file: 'demonstrations', line: i },
          arrays: {
            'observation.state': float32([numbers], drawn(numbers)),
            action: float32([chunk, numbers], drawn(chunk * numbers)),
            action_is_pad: hostArray('bool', [chunk], new Uint8Array(chunk)),
          },
        } satisfies Sample
      }
    },
  }
}

const recipe: RecipeInput = {
  name: 'rollouts',
  data: own,
  validation: { data: own, everyEpochs: 2, monitor: 'rollouts.distanceMetres' },
  images: { resolution: 8 },
  texts: { vocabularySize: 520 },
  model: chunkPolicy({
    head: 'l1',
    cameras: [episodeFeatures.head],
    state: numbers,
    action: numbers,
    chunk,
    image: { width: 8, depth: 1, heads: 2, size: 8, patch: 4 },
    width: 8,
    heads: 2,
    hidden: 8,
    encoderDepth: 1,
    decoderDepth: 1,
  }),
  objective: behaviorCloning({ rollouts: { episodes: 1 } }),
  optimizer: { kind: 'adamW', learningRate: 1e-2 },
  schedule: constant(),
  batches: { size: count },
  epochs: 2,
  machine: { workers: 0, threads: 1 },
}

it('rollouts without validation, and a monitor without rollouts, are refused', () => {
  const { monitor: _, ...validation } = recipe.validation!
  expect(() => parseRecipe({ ...recipe, validation: { everyEpochs: 2 } })).toThrow(/validation\.data/)
  expect(() => parseRecipe({ ...recipe, objective: behaviorCloning() })).toThrow(/rollouts\.distanceMetres/)
  expect(() => parseRecipe({ ...recipe, validation, objective: behaviorCloning() })).not.toThrow()
})

it('a policy of other actions than the robot is refused before it is trained', async () => {
  const source = await demonstrations()
  const names = Array.from({ length: numbers }, (_, i) => `motor_${i}`)
  const other = { ...source, arrays: { ...source.arrays, action: { ...source.arrays!.action!, names } } }
  const options = { out: join(home, 'refused'), callbacks: [], sources: { demonstrations: other } }
  await expect(train(recipe, options)).rejects.toThrow(
    /its action is \[motor_0, .*the robot's \[shoulder_pitch/,
  )
})

it('are measured at each validation, choose the checkpoint, and are the same to the bit in a resumed run', async () => {
  const sources = { demonstrations: await demonstrations() }
  const out = join(home, 'run')
  const { summary } = await train(recipe, { out, callbacks: [], sources })
  const [validation] = validationsOf(out)
  expect(validation).toMatchObject({
    loss: expect.any(Number),
    rollouts: { success: 0, distanceMetres: expect.any(Number) },
  })
  expect(validation!.rollouts.distanceMetres).toBeGreaterThan(0.01)
  expect(summary!.best).toEqual({ step: 2, value: validation!.rollouts.distanceMetres })
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('Success, validation')
  const last = latestCheckpoint(out)!
  rmSync(last, { recursive: true }) // as if it had been killed before
  expect(latestCheckpoint(out)).toMatch(/1$/)
  const again = await resume(out, { callbacks: [], sources })
  expect(validationsOf(out)).toEqual([validation])
  expect(again.summary!.best).toEqual(summary!.best)
})

interface Validation {
  readonly rollouts: { readonly success: number; readonly distanceMetres: number }
}

const validationsOf = (run: string): Validation[] =>
  readFileSync(join(run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line || '{}') as { validation?: Validation })
    .flatMap(({ validation }) => validation ?? [])

import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeBundle } from '../../src/deploy/index.ts'
import type { Arena } from '../../src/engine/index.ts'
import { type PreparedRun, prepareRun, trainRun } from '../../src/recipes/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { policyRecipe, tabletopRecipe } from '../support/tabletop-recipe.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

type Input = Parameters<typeof prepareRun>[0]

const clip = tinyBundle('clip')
let home: string
let scenes: string
let base: string

beforeAll(async () => {
  ;({ home, scenes } = await tabletopRecipe())
  base = join(home, 'clip')
  await writeBundle(base, clip)
}, 60_000)

/** A policy on the contrastive checkpoint, whose towers and pictures it takes over. */
function onClip(changes: object = {}): Input {
  const { model, ...recipe } = policyRecipe(scenes)
  const { vision_config: _, text_config: __, ...rest } = model
  return { ...recipe, tests: {}, base, model: rest, ...changes } as unknown as Input
}

const copyOf = async (arena: Arena) =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice() as Float32Array]))

const length = (numbers: Iterable<number>) => Math.hypot(...numbers)

const isTower = (name: string) => /^(vision|text)_model\./.test(name)

describe('a policy on a contrastive checkpoint', () => {
  test('begins with its towers, value for value, and learns on', async () => {
    const optimizer = { kind: 'adamW', learningRate: 1e-2 }
    const run = await prepareRun(
      onClip({ optimizer, log: { everySteps: 1 }, epochs: 4 }),
      join(home, 'policy'),
    )
    const before = await copyOf(run.training!.state.values)
    const towers = [...before.keys()].filter(isTower)
    const ofClip = [...clip.weights.keys()].filter(isTower)
    expect(towers.sort()).toEqual(ofClip.sort())
    for (const name of towers) expect(before.get(name), name).toEqual(clip.weights.get(name)!.data)
    await trainRun(run, { callbacks: [] })
    const after = await copyOf(run.training!.state.values)
    for (const name of towers) expect(after.get(name), name).not.toEqual(before.get(name))
    const losses = readMetricsLog(join(run.directory, 'metrics.jsonl')).flatMap((record) =>
      'loss' in record ? [record.loss] : [],
    )
    expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!)
  })

  /** The rate of each parameter: the optimizer's by the factor of its group. */
  const ratesOf = ({ recipe, training }: PreparedRun) =>
    new Map(
      training!.state.groups.flatMap(({ names, learningRate }) =>
        names.map((name) => [name, learningRate * Number(recipe.optimizer.learningRate)] as const),
      ),
    )

  const expected = (name: string, ofHeads: number) => {
    if (isTower(name)) return ofHeads / 100
    if (name.startsWith('heads.')) return ofHeads
    return name.startsWith('log_variances.') ? ofHeads * 10 : ofHeads / 10
  }

  test('is tuned at 1e-6 in its towers, 1e-5 between, 1e-4 in its heads and 1e-3 in the weights of tasks', async () => {
    const optimizer = { kind: 'adamW', learningRate: 1e-4 }
    const run = await prepareRun(onClip({ optimizer }), join(home, 'rates'))
    const rates = ratesOf(run)
    expect([...new Set(rates.values())].map((rate) => rate.toExponential(6)).sort()).toEqual([
      '1.000000e-3',
      '1.000000e-4',
      '1.000000e-5',
      '1.000000e-6',
    ])
    for (const [name, rate] of rates) expect(rate, name).toBeCloseTo(expected(name, 1e-4), 12)
  })

  test('takes a first step of these lengths', async () => {
    const optimizer = { kind: 'sgd', learningRate: 0.1, momentum: 0, weightDecay: 0 }
    const plain = { optimizer, schedule: { kind: 'constant' } }
    const short = { ...plain, clipNorm: null, epochs: 0.001, validation: undefined }
    const run = await prepareRun(onClip(short), join(home, 'step'))
    const before = await copyOf(run.training!.state.values)
    await trainRun(run, { callbacks: [] })
    const [after, gradients] = [
      await copyOf(run.training!.state.values),
      await copyOf(run.training!.state.gradients),
    ]
    let compared = 0
    for (const [name, gradient] of gradients) {
      const moved = after.get(name)!.map((value, i) => value - before.get(name)![i]!)
      const step = expected(name, 0.1) * length(gradient)
      // Of what rounding leaves: float32 values of the order of 1.
      if (step < 1e-4) continue
      compared++
      expect(Math.abs(length(moved) / step - 1), name).toBeLessThan(0.02)
    }
    expect(compared).toBeGreaterThan(20)
  })
})

test('a policy on a SigLIP checkpoint is refused: its towers are CLIP’s', async () => {
  const siglip = join(home, 'siglip')
  await writeBundle(siglip, tinyBundle('siglip'))
  await expect(prepareRun(onClip({ base: siglip }), join(home, 'refused'))).rejects.toMatchObject({
    code: 'config/base',
    message: expect.stringMatching(
      /base: .*siglip is a siglip model, .* towers of a policy are CLIP's.*clip model or a policy/,
    ),
  })
})

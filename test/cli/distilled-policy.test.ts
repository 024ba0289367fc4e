import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeBundle } from '../../src/deploy/index.ts'
import { distill, prepareRun, trainRun } from '../../src/recipes/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { policyRecipe, tabletopRecipe } from '../support/tabletop-recipe.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

type Input = Parameters<typeof prepareRun>[0]

let home: string
let recipe: ReturnType<typeof policyRecipe>
let teacher: string

beforeAll(async () => {
  const tabletop = await tabletopRecipe()
  home = tabletop.home
  recipe = { ...policyRecipe(tabletop.scenes), epochs: 1, validation: {}, tests: {} } as never
  teacher = join(home, 'teacher')
  await trainRun(await prepareRun(recipe as unknown as Input, teacher), { callbacks: [] })
}, 120_000)

const taught = (options: Omit<Parameters<typeof distill>[0], 'teacher'>, model: object = {}) =>
  ({
    ...recipe,
    log: { everySteps: 1 },
    model: { ...recipe.model, ...model },
    distillation: distill({ teacher, ...options }),
  }) as unknown as Input

const both = [{ kind: 'outputs' }, { kind: 'attention', weight: 0.5 }] as const

describe('a policy with a teacher', () => {
  test('learns its outputs and its attention, by way of smaller layers', async () => {
    const input = taught({ terms: [...both] }, { shared_size: 16, glances: 1 })
    const run = await prepareRun(input, join(home, 'student'))
    await trainRun(run, { callbacks: [] })
    const [first, ...others] = readMetricsLog(join(run.directory, 'metrics.jsonl')) as Record<
      string,
      number
    >[]
    for (const name of ['teacherOutputsLoss', 'teacherAttentionLoss', 'imitationLoss'])
      expect(first![name], name).toBeGreaterThan(0)
    const { alpha } = run.recipe.distillation!
    const weighed =
      alpha * (first!.teacherOutputsLoss! + 0.5 * first!.teacherAttentionLoss!) +
      (1 - alpha) * first!.imitationLoss!
    expect(weighed).toBeCloseTo(first!.loss!, 4)
    expect(others.every((record) => !('loss' in record) || Number.isFinite(record.loss))).toBe(true)
  })

  test.each([
    [
      'the head',
      () => ({ heads: { ...recipe.model.heads, push: { kind: 'joints', label: 'joints', hidden: [] } } }),
      "it has no head 'push'",
    ],
    [
      'the classes',
      () => ({ heads: { detection: { ...recipe.model.heads.detection, classes: 7 } } }),
      '"classes":6} and not',
    ],
    [
      'the patches',
      () => ({ vision_config: { ...recipe.model.vision_config, patch_size: 16 } }),
      '4 × 4 patches, and this policy at 2 × 2',
    ],
  ])('is refused one without %s', async (_, model, words) => {
    const failing = prepareRun(taught({ terms: [...both] }, model()), join(home, 'refused'))
    await expect(failing).rejects.toMatchObject({
      code: 'config/distillation',
      message: expect.stringContaining(words),
    })
  })

  test('is refused a dual encoder, and terms of dual encoders', async () => {
    const clip = join(home, 'clip')
    await writeBundle(clip, tinyBundle('clip'))
    const input = { ...taught({}), distillation: distill({ teacher: clip }) } as Input
    await expect(prepareRun(input, join(home, 'refused'))).rejects.toMatchObject({
      code: 'config/distillation',
    })
    await expect(
      prepareRun(taught({ terms: [{ kind: 'features' }] }), join(home, 'refused')),
    ).rejects.toMatchObject({ code: 'config/recipe', message: expect.stringContaining('outputs, attention') })
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors } from '../../src/core/index.ts'
import { PolicyRuntime, readBundle } from '../../src/deploy/index.ts'
import { prepareRun, reopenRun, trainRun } from '../../src/recipes/index.ts'
import type { StageRecord } from '../../src/report/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { hashOf } from '../support/hash-of.ts'
import { policyRecipe, tabletopRecipe, writeRecipeFile } from '../support/tabletop-recipe.ts'

const jsonOf = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))

/** Finding passes at its first validation, grasping never, walking is asked for too much as well. */
const progressive = (scenes: string) => ({
  ...policyRecipe(scenes),
  validation: { ...policyRecipe(scenes).validation, everyEpochs: 1 },
  stages: [
    { name: 'find', heads: ['detection'], threshold: 0, epochs: 3, batches: { size: 16 } },
    {
      name: 'grasp',
      heads: ['grasping'],
      threshold: 2,
      epochs: 1,
      repeats: 2,
      batches: { size: 16 },
      data: { kind: 'tabletop', directory: scenes, setting: 'table' },
      validation: { data: { kind: 'tabletop', directory: scenes, split: 'validation', setting: 'table' } },
    },
    { name: 'walk', heads: ['navigation'], rehearse: true, threshold: 1.5, epochs: 1, batches: { size: 16 } },
  ],
})

describe('a progressive run', () => {
  let home: string
  let scenes: string
  let run: string
  let records: readonly StageRecord[]

  beforeAll(async () => {
    ;({ home, scenes } = await tabletopRecipe())
    run = join(home, 'progressive')
    const file = writeRecipeFile(home, progressive(scenes), 'progressive.mjs')
    const { code, notes, result } = await visuomotor('train', file, '--out', run)
    expect(code, notes).toBe(0)
    expect(notes).toMatch(/stage 2 of 3: grasp\n.*at the rates of fine-tuning: 1\/100 in the towers/)
    expect(notes).not.toMatch(/stage 1 of 3: find\n.*at the rates of fine-tuning/)
    expect(notes).toMatch(/stage 2 of 3: grasp\n[\s\S]*stage 2 of 3: grasp, repeat 2/)
    expect(notes).toMatch(/Find +1 +detection +detection\.success +0\.0 % .* yes/)
    expect(result).toContain('Held-out scenes')
    records = jsonOf(run, 'stages.json')
  }, 120_000)

  test('goes from stage to stage: passed, repeated in vain, and on', () => {
    const told = records.map(({ stage, repeat, passed, directory }) => ({ stage, repeat, passed, directory }))
    expect(told).toEqual([
      { stage: 'find', repeat: 1, passed: true, directory: 'stages/1-find' },
      { stage: 'grasp', repeat: 1, passed: false, directory: 'stages/2-grasp' },
      { stage: 'grasp', repeat: 2, passed: false, directory: 'stages/2-grasp-2' },
      { stage: 'walk', repeat: 1, passed: false, directory: 'stages/3-walk' },
    ])
    // The threshold was reached at the first of three validations, at the end of the batch that ends the first pass.
    expect(records[0]!.epochs).toBeLessThan(1.1)
    expect(records.map(({ base }) => base)).toEqual([
      null,
      ...['stages/1-find', 'stages/2-grasp', 'stages/2-grasp-2'].map((stage) => join(run, stage)),
    ])
    expect(records.map(({ monitor }) => monitor)).toEqual([
      'detection.success',
      'grasping.success',
      'grasping.success',
      'navigation.success',
    ])
    expect(records[3]!.heads).toEqual(['detection', 'grasping', 'navigation'])
    expect(jsonOf(run, 'summary.json').stages).toEqual(records)
  })

  test('learns at one rate first, and then tunes, whichever heads are left alone', () => {
    const rules = (stage: string) => jsonOf(run, 'stages', stage, 'recipe.json').parameters
    const tuned = { pattern: '*_model.*', learningRate: 0.01 }
    expect(rules('1-find')).toEqual([
      { pattern: 'heads.grasping.*', freeze: true },
      { pattern: 'heads.navigation.*', freeze: true },
    ])
    expect(rules('2-grasp')).toEqual(
      expect.arrayContaining([tuned, { pattern: 'heads.detection.*', freeze: true }]),
    )
    expect(rules('3-walk')).toContainEqual(tuned)
  })

  const weightsOf = (stage: string) => readBundle(join(run, stage)).weights
  const same = (a: string, b: string, pattern: RegExp) => {
    const [before, after] = [weightsOf(a), weightsOf(b)]
    const names = [...before.keys()].filter((name) => pattern.test(name))
    expect(names.length).toBeGreaterThan(0)
    return names.every((name) =>
      Buffer.from(before.get(name)!.data.buffer).equals(Buffer.from(after.get(name)!.data.buffer)),
    )
  }

  test('carries the base over, and leaves heads alone that a stage does not train', () => {
    expect(same('stages/1-find', 'stages/2-grasp', /^heads\.detection\./)).toBe(true)
    expect(same('stages/1-find', 'stages/2-grasp', /^heads\.grasping\./)).toBe(false)
    expect(same('stages/1-find', 'stages/2-grasp', /^vision_model\./)).toBe(false)
    expect(same('stages/2-grasp-2', 'stages/3-walk', /^heads\.detection\./)).toBe(false)
  })

  test('ends with the weights of its last stage, as a bundle does', async () => {
    const weights = readSafetensors(join(run, 'model.safetensors')).tensors
    const last = weightsOf('stages/3-walk')
    for (const [name, { data }] of weights) expect(data, name).toEqual(last.get(name)!.data)
    expect((await PolicyRuntime.load(run)).labels).toEqual(['box', 'category', 'grasp', 'navigation'])
    const bundle = join(home, 'bundle')
    expect((await visuomotor('export', run, '--out', bundle)).code).toBe(0)
    const evaluated = JSON.parse((await visuomotor('evaluate', run, '--json')).result)
    expect(evaluated.results.heldOutScenes.success).toBeCloseTo(
      jsonOf(run, 'summary.json').results.heldOutScenes.success,
      6,
    )
  })

  test('has one log of all stages, and a report that tells them', () => {
    const log = readMetricsLog(join(run, 'metrics.jsonl'))
    const steps = log.filter((record) => 'loss' in record).map(({ step }) => step)
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps.at(-1)).toBe(records.reduce((sum, record) => sum + record.steps, 0))
    const report = readFileSync(join(run, 'report.html'), 'utf8')
    expect(report).toContain('<h2>Stages</h2>')
  })

  test('that was stopped goes on within its stage, to the same weights', async () => {
    const parts = join(home, 'parts')
    const stop = new AbortController()
    let stage = 0
    const callbacks = [
      {
        onStage: ({ number, repeat }: { number: number; repeat: number }) => {
          stage = number * 10 + repeat
        },
        onStep: (step: number) => (stage === 22 && step === 1 ? stop.abort() : undefined),
      },
    ]
    const input = progressive(scenes) as Parameters<typeof prepareRun>[0]
    const first = await trainRun(await prepareRun(input, parts), { callbacks, signal: stop.signal })
    expect(first.summary).toBeUndefined()
    expect(jsonOf(parts, 'stages.json')).toHaveLength(2)
    expect(existsSync(join(parts, 'stages/3-walk'))).toBe(false)
    const begun: string[] = []
    const watch = {
      onStage: ({ name, repeat }: { name: string; repeat: number }) => void begun.push(`${name} ${repeat}`),
    }
    const second = await trainRun(await reopenRun(parts), { callbacks: [watch] })
    expect(begun).toEqual(['grasp 2', 'walk 1'])
    expect(hashOf(join(parts, 'model.safetensors'))).toBe(hashOf(join(run, 'model.safetensors')))
    const strip = (all: readonly StageRecord[]) => all.map(({ base: _, ...record }) => record)
    expect(strip(second.summary!.stages!)).toEqual(strip(records))
    expect(readdirSync(join(parts, 'stages')).sort()).toEqual(readdirSync(join(run, 'stages')).sort())
  })
})

/** Where nothing but a recipe differs. */
const fewScenes = tabletopRecipe()

test.each([
  ['manual', { kind: 'manual', weights: { detection: 2, grasping: 0.5 } }, { grasping: 0.5 }],
  [
    'scheduled',
    { kind: 'scheduled', weights: { detection: [[0, 1]], navigation: [[0, 2]] } },
    { navigation: [[0, 2]] },
  ],
])(
  'a progressive run with %s weights gives each stage those of its heads',
  async (kind, weighting, later) => {
    const { home, scenes } = await fewScenes
    const [find, grasp, walk] = progressive(scenes).stages
    const last = 'grasping' in later ? { ...grasp!, repeats: 1 } : { ...walk!, rehearse: false }
    const objective = { ...policyRecipe(scenes).objective, weighting }
    const recipe = { ...progressive(scenes), objective, tests: {}, stages: [find, last] }
    const run = join(home, kind)
    const file = writeRecipeFile(home, recipe, `${kind}.mjs`)
    const { code, notes } = await visuomotor('train', file, '--out', run)
    expect(code, notes).toBe(0)
    const weightsOf = (stage: string) =>
      jsonOf(run, 'stages', stage, 'recipe.json').objective.weighting.weights
    expect(weightsOf('1-find')).toEqual({ detection: weighting.weights.detection })
    expect(weightsOf(`2-${last.name}`)).toEqual(later)
  },
)

test.each<[string, (recipe: ReturnType<typeof progressive>) => object, RegExp]>([
  [
    'a head that the model does not have',
    (r) => ({ ...r, stages: [{ name: 'fly', heads: ['wings'], threshold: 1 }] }),
    /stages\.0\.heads\.0: the model has no head 'wings'; there are detection, grasping, navigation/,
  ],
  [
    'the name of another stage',
    (r) => ({ ...r, stages: [r.stages[0], r.stages[0]] }),
    /stages\.1\.name: there is a stage 'find' already/,
  ],
  [
    'a stage that no validation judges',
    ({ validation: _, ...r }) => ({ ...r, stages: [r.stages[1], r.stages[0]] }),
    /stages\.1\.validation\.data: nothing measures whether stage 'find' reaches its threshold/,
  ],
  [
    'a number that the validation does not have',
    (r) => ({ ...r, stages: [{ ...r.stages[0], validation: { monitor: 'detection.sucess' } }] }),
    /stages\.0\.validation\.monitor: the validation has no metric 'detection\.sucess'.*did you mean 'detection\.success'\?/,
  ],
  [
    'a number of a head that the stage does not train',
    (r) => ({ ...r, stages: [{ ...r.stages[0], validation: { monitor: 'grasping.success' } }] }),
    /stages\.0\.validation\.monitor: the validation has no metric 'grasping\.success'/,
  ],
  [
    'a sampler that goes by an error, of which less is better',
    (r) => ({
      ...r,
      stages: [r.stages[1]],
      batches: {
        ...r.batches,
        sampler: { kind: 'curriculum', metric: 'grasping.meanPositionErrorMetres' },
      },
    }),
    /no metric 'grasping\.meanPositionErrorMetres' of which more is better; there are success, grasping\.success/,
  ],
  [
    'a sampler that goes by a head of another stage',
    (r) => ({
      ...r,
      batches: { ...r.batches, sampler: { kind: 'curriculum', metric: 'detection.success' } },
    }),
    /batches\.sampler\.metric: the validation has no metric 'detection\.success'/,
  ],
  [
    'a stage of a head that is left out',
    (r) => ({ ...r, objective: { kind: 'imitation', heads: ['detection', 'grasping'] } }),
    /stages\.2\.heads\.0: objective\.heads leaves the head 'navigation' out/,
  ],
  [
    'a weight of a head that is left out',
    (r) => ({
      ...r,
      stages: undefined,
      objective: {
        kind: 'imitation',
        heads: ['detection'],
        weighting: { kind: 'manual', weights: { grasping: 2 } },
      },
    }),
    /weighting\.weights\.grasping: objective\.heads leaves the head 'grasping' out/,
  ],
  [
    'a stage whose data has no labels of its head',
    (r) => ({
      ...r,
      stages: [r.stages[0], { ...r.stages[1], data: { ...r.stages[1]!.data, setting: 'floor' } }],
    }),
    /model\.heads\.grasping\.label: the label 'grasp' is not in tabletop\(train/,
  ],
  [
    'a stage whose validation has none',
    (r) => ({
      ...r,
      stages: [
        r.stages[0],
        {
          ...r.stages[1],
          validation: { data: { ...r.stages[1]!.validation!.data, setting: 'floor' } },
        },
      ],
    }),
    /model\.heads\.grasping\.label: the label 'grasp' is not in tabletop\(validation/,
  ],
  [
    'a rule for what no stage trains, before any data is made,',
    (r) => ({
      ...r,
      generate: { kind: 'tabletop', directory: join(r.data.directory, 'more'), scenes: 1_000_000 },
      parameters: [{ pattern: 'log_variances.graspin', learningRate: 2 }],
    }),
    /no parameter matches 'log_variances\.graspin'; nearest: log_variances\.grasping/,
  ],
  [
    'a stage without a threshold',
    (r) => ({ ...r, stages: [{ name: 'find', heads: ['detection'] }] }),
    /stages\.0\.threshold/,
  ],
])('%s is refused', async (name, change, message) => {
  const { home, scenes } = await fewScenes
  const file = writeRecipeFile(home, change(progressive(scenes)), `${name.replaceAll(' ', '-')}.mjs`)
  const { code, notes } = await visuomotor('train', file, '--out', join(home, 'wrong'))
  expect(notes).toMatch(message)
  expect(code).toBe(2)
})

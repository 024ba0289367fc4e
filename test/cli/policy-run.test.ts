import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors } from '../../src/core/index.ts'
import { PolicyRuntime } from '../../src/deploy/index.ts'
import { readMetricsLog, type ValidationRecord } from '../../src/training/index.ts'
import { metricAt } from '../../src/training/metric-paths.ts'
import { type Captured, visuomotor } from '../support/captured-output.ts'
import { hashOf } from '../support/hash-of.ts'
import { policyRecipe, tabletopRecipe, writeRecipeFile } from '../support/tabletop-recipe.ts'

const jsonOf = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))

let home: string
let file: string
let scenes: string
let run: string
let told: Captured

beforeAll(async () => {
  ;({ home, file, scenes } = await tabletopRecipe())
  run = join(home, 'run')
  told = await visuomotor('train', file, '--out', run)
  expect(told.code, told.notes).toBe(0)
}, 120_000)

const lastCheckpoint = () => {
  const steps = readdirSync(join(run, 'checkpoints')).map(Number)
  return join(run, 'checkpoints', String(Math.max(...steps)))
}

describe('a trained policy', () => {
  test('tells what each head reaches, with the control beside it, for every test', () => {
    expect(told.result).toMatch(/Test set +Head +Success % +Other commands % +Errors/)
    expect(told.result).toMatch(/Held-out scenes +Navigation .* median error [\d.]+ cm/)
    expect(told.result).toMatch(/At the table +Grasping [^°]* median\s+rotation error [\d.]+°/)
    expect(Math.max(...told.result.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100)
    expect(told.result).not.toMatch(/At the table +Navigation/)
    expect(told.notes).toContain(`next: npx visuomotor rollout ${run}`)
  })

  test('has its numbers in summary.json and its report', () => {
    const { results, best } = jsonOf(run, 'summary.json')
    expect(Object.keys(results.heldOutScenes)).toEqual([
      'detection',
      'grasping',
      'navigation',
      'success',
      'shuffledSuccess',
    ])
    expect(results.heldOutScenes.detection).toMatchObject({
      success: expect.any(Number),
      shuffledSuccess: expect.any(Number),
      meanOverlap: expect.any(Number),
      accuracy: expect.any(Number),
    })
    const validations = readMetricsLog(join(run, 'metrics.jsonl'))
      .filter((record): record is ValidationRecord => 'validation' in record)
      .map(({ step, validation }) => ({ step, value: metricAt(validation, 'success') }))
    expect(validations.length).toBeGreaterThan(1)
    // The latest of the best.
    expect(best).toEqual(validations.reduce((a, b) => (b.value >= a.value ? b : a)))
    const report = readFileSync(join(run, 'report.html'), 'utf8')
    expect(report).toContain('<h2>Right answers</h2>')
    expect(report).toContain('Success, validation')
    expect(report).toContain('<h2>Held-out scenes: commands</h2>')
    for (const strip of ['Drawn at random', 'Worst of detection', 'Worst of grasping', 'Worst of navigation'])
      expect(report).toContain(`<h4>${strip}</h4>`)
    expect(report).toMatch(/<b>“[a-z ]+”<\/b><span>[✓✗] Detection: overlap [\d.]+ %<\/span>/)
    expect(report).toMatch(/<svg class="attention" viewBox="0 0 4 4"/)
    expect(report).toContain('found box')
    expect(report).toMatch(/Best · Success<\/td><td class="number">[\d.]+ %/)
  })

  test('learns in float16 nearly what it learns in float32', async () => {
    const out = join(home, 'half')
    const set = ['machine.precision=float16', 'tests={}'].flatMap((value) => ['--set', value])
    const half = await visuomotor('train', file, '--out', out, ...set)
    expect(half.code, half.notes).toBe(0)
    const [first, inFull] = [out, run].map((path) =>
      JSON.parse(readFileSync(join(path, 'metrics.jsonl'), 'utf8').split('\n')[0]!),
    )
    expect(first).toMatchObject({ lossScale: expect.any(Number), skipped: expect.any(Number) })
    expect(inFull).not.toHaveProperty('lossScale')
    const difference = Math.abs(first.loss - inFull.loss) / inFull.loss
    expect(difference).toBeGreaterThan(0)
    // Of the four steps, one is skipped: the loss scale begins high.
    expect(difference).toBeLessThan(0.02)
  })

  test('takes the units of its heads from the training data, and keeps them', () => {
    const { heads } = jsonOf(run, 'config.json')
    expect(heads.detection.mean.every((side: number) => side > 0.05 && side < 0.5)).toBe(true)
    expect(heads.grasping.mean).toHaveLength(6)
    expect(heads.navigation.scale).toBeGreaterThan(0.1)
  })

  test('is measured again by evaluate as it was at the end', async () => {
    const again = await visuomotor('evaluate', run, '--json')
    expect(again.code, again.notes).toBe(0)
    const { results } = JSON.parse(again.result)
    const { results: before } = jsonOf(run, 'summary.json')
    expect(results.heldOutScenes.success).toBeCloseTo(before.heldOutScenes.success, 6)
    expect(results.atTheTable.grasping.meanPositionErrorMetres).toBeCloseTo(
      before.atTheTable.grasping.meanPositionErrorMetres,
      5,
    )
  })

  test('is exported without the weights of its tasks, and acts', async () => {
    const bundle = join(home, 'bundle')
    const { code, notes } = await visuomotor('export', run, '--out', bundle)
    expect(code, notes).toBe(0)
    expect(notes).toContain(`npx visuomotor rollout ${bundle}`)
    const names = [...readSafetensors(join(bundle, 'model.safetensors')).tensors.keys()]
    expect(names.some((name) => name.startsWith('log_variances'))).toBe(false)
    const trained = readSafetensors(join(lastCheckpoint(), 'model.safetensors')).tensors
    expect([...trained.keys()]).toContain('log_variances.grasping')
    const runtime = await PolicyRuntime.load(bundle)
    const data = new Uint8Array(32 * 32 * 3).fill(90)
    const prediction = await runtime.predict({
      pixels: { width: 32, height: 32, data },
      command: 'pick up the red cup',
    })
    expect(Object.keys(prediction)).toEqual(['box', 'category', 'grasp', 'navigation'])
    const { categories } = jsonOf(scenes, 'dataset.json')
    expect(runtime.classNames).toEqual({ category: categories })
    expect(categories).toContain(runtime.classesOf(prediction).category![0]!.name)
    expect(runtime.unlearned('Pick up the red banana')).toEqual(['banana'])
    const data2 = `tabletop:${scenes}?split=heldOutPairs&setting=floor`
    const evaluated = await visuomotor('evaluate', bundle, '--data', data2)
    expect(evaluated.result).toContain('Navigation')
  })

  test('is trained again by its recipe.json, bit by bit', async () => {
    const again = join(home, 'again')
    await visuomotor('train', join(run, 'recipe.json'), '--out', again)
    const steps = readdirSync(join(again, 'checkpoints')).map(Number)
    const weights = join(again, 'checkpoints', String(Math.max(...steps)), 'model.safetensors')
    expect(hashOf(weights)).toBe(hashOf(join(lastCheckpoint(), 'model.safetensors')))
  })

  test('is a base: its weights are where another run begins, at the rates of fine-tuning', async () => {
    const tuned = join(home, 'tuned')
    const argv = ['--set', `base=${run}`, '--set', 'optimizer.learningRate=0', '--set', 'epochs=1']
    const { code, notes } = await visuomotor('train', file, ...argv, '--out', tuned)
    expect(code, notes).toBe(0)
    const rules = jsonOf(tuned, 'recipe.json').parameters
    expect(rules).toContainEqual({ pattern: '*_model.*', learningRate: 0.01 })
    expect(rules).toContainEqual({ pattern: 'log_variances.*', learningRate: 10 })
    const before = readSafetensors(join(bestCheckpoint(run), 'model.safetensors')).tensors
    const [step] = readdirSync(join(tuned, 'checkpoints'))
    const after = readSafetensors(join(tuned, 'checkpoints', step!, 'model.safetensors')).tensors
    for (const [name, value] of after) {
      if (!name.startsWith('log_variances')) expect(value.data, name).toEqual(before.get(name)!.data)
    }
  })
})

const bestCheckpoint = (directory: string) =>
  join(directory, 'checkpoints', String(jsonOf(directory, 'summary.json').best.step))

describe('a recipe of a policy is refused', () => {
  // Modules are read once.
  let count = 0
  const refused = async (change: (recipe: ReturnType<typeof policyRecipe>) => object, ...argv: string[]) => {
    const recipe = writeRecipeFile(home, change(policyRecipe(scenes)), `wrong-${++count}.mjs`)
    const { code, notes } = await visuomotor('train', recipe, '--out', join(home, 'wrong'), ...argv)
    return { code, notes }
  }
  const clip = {
    model_type: 'clip',
    vision_config: { image_size: 32, patch_size: 8 },
    text_config: { max_position_embeddings: 24 },
  }

  test.each<[string, (recipe: ReturnType<typeof policyRecipe>) => object, RegExp]>([
    [
      'with a label that is not there',
      (r) => ({ ...r, model: { ...r.model, heads: { grasping: { kind: 'pose', label: 'grip' } } } }),
      /model\.heads\.grasping\.label: the label 'grip' is not in tabletop\(train\); did you mean 'grasp'\?/,
    ],
    [
      'with a label of another kind',
      (r) => ({ ...r, model: { ...r.model, heads: { grasping: { kind: 'position', label: 'grasp' } } } }),
      /'grasp' is a label of kind pose in tabletop\(train\), but position is needed/,
    ],
    [
      'with another number of joints',
      (r) => ({
        ...r,
        model: { ...r.model, heads: { arm: { kind: 'joints', label: 'joints', length: 6 } } },
      }),
      /kind joints of 7 in tabletop\(train\), but joints of 6 is needed/,
    ],
    [
      'with the objective of a dual encoder',
      (r) => ({ ...r, objective: { kind: 'contrastive' } }),
      /objective: a policy has no space that images and texts share/,
    ],
    [
      'for a model without heads',
      (r) => ({ ...r, model: clip }),
      /objective: a clip model has no heads to learn with/,
    ],
    [
      'with weights for a head that is not there',
      (r) => ({
        ...r,
        objective: { kind: 'imitation', weighting: { kind: 'manual', weights: { graspin: 1 } } },
      }),
      /weights\.graspin: the model has no head 'graspin'; did you mean 'grasping'\?/,
    ],
    [
      'that looks at a label without boxes',
      (r) => ({ ...r, objective: { kind: 'imitation', grounding: { label: 'grasp' } } }),
      /objective\.grounding\.label: the label 'grasp' is a label of kind pose .* box is needed/,
    ],
    [
      'on a base that prepares images in another way',
      (r) => ({
        ...r,
        base: run,
        augment: [{ kind: 'normalize', mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }],
      }),
      /base: this recipe prepares images with mean \[0\.5,0\.5,0\.5\] and not \[0,0,0\]/,
    ],
    ['on a base that is not there', (r) => ({ ...r, base: join(home, 'nowhere') }), /there is no model in/],
  ])('%s', async (_, change, message) => {
    const { code, notes } = await refused(change)
    expect(notes).toMatch(message)
    expect(code).toBe(2)
  })
})

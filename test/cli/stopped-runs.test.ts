import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkpointSteps, readSafetensors } from '../../src/core/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { hashOf } from '../support/hash-of.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

const main = join(import.meta.dirname, '../../dist/cli/main.js')

/** `visuomotor …`, as it was built, in a process of its own. */
const start = (...argv: string[]) =>
  spawn(process.execPath, [main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })

async function ended(child: ChildProcess) {
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code))),
  ])
  return { stdout, stderr, status }
}

/** Send `signal` when a few checkpoints are written, long before the end of the run. */
async function stopMidway(child: ChildProcess, run: string, signal: NodeJS.Signals) {
  const end = ended(child)
  while (child.exitCode === null && !checkpointSteps(run).some((step) => step >= 12)) await setTimeout(2)
  child.kill(signal)
  const result = await end
  expect(existsSync(join(run, 'summary.json')), 'the run was over before it could be stopped').toBe(false)
  return result
}

describe('a run that was stopped', () => {
  let home: string
  let file: string
  let whole: string

  beforeAll(async () => {
    ;({ home, file } = await shapesRecipe())
    whole = join(home, 'whole')
    expect((await visuomotor('train', file, '--out', whole)).code).toBe(0)
  })

  const rates = ['samplesPerSecond', 'dataWaitFraction']
  /** The lines of a log but for their rates. */
  const logOf = (run: string) =>
    readMetricsLog(join(run, 'metrics.jsonl')).map((record) =>
      Object.fromEntries(Object.entries(record).filter(([name]) => !rates.includes(name))),
    )

  function expectSameWeights(run: string, straight = whole): void {
    for (const name of ['model.safetensors', 'optimizer.safetensors']) {
      const place = join('checkpoints/40', name)
      expect(hashOf(join(run, place)), name).toBe(hashOf(join(straight, place)))
    }
    expect(logOf(run)).toEqual(logOf(straight))
    expect(logOf(run).at(-1)?.step).toBe(40)
    const best = (directory: string) => JSON.parse(readFileSync(join(directory, 'summary.json'), 'utf8')).best
    expect(best(run)).toEqual(best(straight))
  }

  test('by kill -9 goes on to the same weights, bit by bit', async () => {
    const run = join(home, 'killed')
    const killed = await stopMidway(start('train', file, '--out', run), run, 'SIGKILL')
    expect(killed.status).toBe('SIGKILL')
    expect((await visuomotor('report', run)).code).toBe(0)
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain('Not finished: ')

    const resumed = await ended(start('train', '--resume', '--out', run, '--json'))
    expect(resumed).toMatchObject({ status: 0 })
    expect(JSON.parse(resumed.stdout)).toMatchObject({ directory: run, steps: 40 })
    expectSameWeights(run)
  })

  test('by kill -9 goes on with Muon, an average, micro-batches and worker threads, bit by bit', async () => {
    const muon = { kind: 'muon', learningRate: 3e-3, matrixLearningRate: 0.02 }
    const values = {
      optimizer: muon,
      averageDecay: 0.9,
      'batches.microSize': 5,
      'machine.workers': 2,
      'validation.everyEpochs': 10,
    }
    const set = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])
    const [straight, run] = [join(home, 'whole-muon'), join(home, 'killed-muon')]
    expect((await visuomotor('train', file, '--out', straight, ...set)).code).toBe(0)
    await stopMidway(start('train', file, '--out', run, ...set), run, 'SIGKILL')
    expect((await visuomotor('train', '--resume', '--out', run)).code).toBe(0)
    expectSameWeights(run, straight)
    const { tensors } = readSafetensors(join(run, 'checkpoints/40/optimizer.safetensors'))
    expect(tensors.has('value.logit_scale'), 'the average stands beside the values').toBe(true)
  })

  test.each([
    [
      'curriculum',
      { kind: 'curriculum', metric: 'imageToText.R@10', window: 1, thresholds: [0.1, 0.2, 0.3] },
    ],
    [
      'difficulty',
      { kind: 'progressiveDifficulty', metric: 'imageToText.R@10', by: 'loss', raiseAbove: 0.5 },
    ],
  ])('by kill -9 goes on with its %s, bit by bit', async (name, sampler) => {
    const set = [
      '--set',
      `batches.sampler=${JSON.stringify(sampler)}`,
      '--set',
      'validation.everyEpochs=2',
      '--set',
      'log.everySteps=1',
    ]
    const [straight, run] = [join(home, `whole-${name}`), join(home, `killed-${name}`)]
    expect((await visuomotor('train', file, '--out', straight, ...set)).code).toBe(0)
    await stopMidway(start('train', file, '--out', run, ...set), run, 'SIGKILL')
    expect((await visuomotor('train', '--resume', '--out', run)).code).toBe(0)
    expectSameWeights(run, straight)
    const log = (directory: string) => readMetricsLog(join(directory, 'metrics.jsonl'))
    const numbers = (directory: string) =>
      log(directory).flatMap((record) =>
        'loss' in record ? [[record.curriculumStage, record.targetDifficulty]] : [],
      )
    expect(numbers(run)).toEqual(numbers(straight))
    expect(new Set(numbers(run).map(String)).size, 'the sampler adapts').toBeGreaterThan(1)
  })

  test('by SIGINT ends with 130 and a checkpoint, tells how to go on, and goes on the same', async () => {
    const run = join(home, 'interrupted')
    const interrupted = await stopMidway(start('train', file, '--out', run), run, 'SIGINT')
    expect(interrupted).toMatchObject({ status: 130, stdout: '' })
    const [, command] = interrupted.stderr.match(/npx visuomotor (train --resume .*)\n$/)!
    const last = checkpointSteps(run).at(-1)!
    const state = JSON.parse(readFileSync(join(run, `checkpoints/${last}/state.json`), 'utf8'))
    const logged = readMetricsLog(join(run, 'metrics.jsonl')).at(-1)!.step
    expect(state.logWindow?.steps ?? 0, 'the steps that no line has are in the checkpoint').toBe(
      last - logged,
    )

    expect((await visuomotor(...command!.split(' '))).code).toBe(0)
    expectSameWeights(run)
  })

  test('with other data is refused, says what changed, and goes on with it only when asked to', async () => {
    const { home: other, file: recipe } = await shapesRecipe()
    const run = join(other, 'run')
    await stopMidway(start('train', recipe, '--out', run), run, 'SIGINT')
    const step = checkpointSteps(run).at(-1)!
    const state = JSON.parse(readFileSync(join(run, `checkpoints/${step}/state.json`), 'utf8'))
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
    const block = { first: 0, samples: 24, order: digest, ids: expect.any(String) }
    expect(state.loader.data).toEqual({ size: 24, blocks: [block] })

    const captions = join(other, 'shapes/captions.jsonl')
    const before = readFileSync(captions, 'utf8')
    writeFileSync(captions, `${JSON.stringify({ file: 'again.png', caption: 'a red disk' })}\n${before}`)
    copyFileSync(join(other, 'shapes/red-circle.png'), join(other, 'shapes/again.png'))
    const refused = await visuomotor('train', '--resume', '--out', run)
    expect(refused.code).toBe(1)
    expect(refused.notes).toMatch(/is not the data of the checkpoint: it had 24 samples and has 25 now\./)
    expect(refused.notes).toContain('--allow-changed-data')
    expect(checkpointSteps(run).at(-1), 'nothing was trained').toBe(step)

    const resumed = await visuomotor('train', '--resume', '--out', run, '--allow-changed-data')
    expect(resumed.code).toBe(0)
    expect(resumed.notes).toMatch(/warning: .* it had 24 samples and has 25 now\. The run goes on with it/)
    const { dataChanges } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'))
    expect(dataChanges).toEqual([expect.stringMatching(/it had 24 samples and has 25 now$/)])
  })

  test('--allow-changed-data is refused for a new run', async () => {
    const { code, notes } = await visuomotor('train', file, '--allow-changed-data')
    expect(code).toBe(2)
    expect(notes).toContain('--allow-changed-data is for a run that goes on: add --resume')
  })
})

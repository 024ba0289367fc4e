import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { choice, range } from '../../src/compression/index.ts'
import { checkpointSteps, isRun } from '../../src/core/index.ts'
import { visuomotor } from '../support/captured-output.ts'
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

let home: string
let recipe: string
let space: string
beforeAll(async () => {
  ;({ home, file: recipe } = await shapesRecipe())
  space = join(home, 'space.json')
  const towers = { 'model.vision_config.intermediate_size': choice([16, 64]) }
  writeFileSync(
    space,
    JSON.stringify({ ...towers, 'optimizer.learningRate': range(1e-4, 1e-2, { log: true }) }),
  )
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const eventsOf = (study: string) =>
  readFileSync(join(study, 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Processes of trials that the workers of a study say they have. */
const childrenOf = (study: string): number[] =>
  readdirSync(join(study, 'workers')).flatMap((name) => {
    const { child } = JSON.parse(readFileSync(join(study, 'workers', name), 'utf8'))
    return child ? [child.pid as number] : []
  })

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

const short = ['--epochs', '4', '--set', 'validation.everyEpochs=2', '--set', 'checkpoints.everyEpochs=1']

describe('architecture search', () => {
  test('trains trials of its own, measures them, and shows the front', async () => {
    const out = join(home, 'whole')
    const argv = ['search-architecture', recipe, '--space', space, '--trials', '1', ...short, '--out', out]
    const { stdout, stderr, status } = await ended(start(...argv, '--sampler', 'random', '--json'))
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const { counts, front, own } = JSON.parse(stdout)
    expect(counts).toEqual({ finished: 2 })
    expect(own.measured).toMatchObject({
      quality: expect.any(Number),
      latency: expect.any(Number),
      parameters: expect.any(Number),
      memory: expect.any(Number),
      alone: 1,
    })
    expect(front.length).toBeGreaterThan(0)
    for (const trial of ['0000', '0001']) expect(isRun(join(out, 'trials', trial))).toBe(true)
    const made = JSON.parse(readFileSync(join(out, 'trials/0001/recipe.json'), 'utf8'))
    expect(made.tests).toEqual({})
    const [began] = eventsOf(out).filter(({ event, trial }) => event === 'began' && trial === 1)
    expect(made.optimizer.learningRate).toBe(began.values['optimizer.learningRate'])
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    expect(page).toContain('Parallel coordinates')
    expect(page).toContain('trial 1')

    const again = await visuomotor('search-architecture', recipe, '--space', space, '--out', out)
    expect(again).toMatchObject({ code: 2, notes: expect.stringMatching(/study\/exists.*--resume/) })
    const other = await visuomotor('search-architecture', '--resume', '--out', out, '--seed', '9')
    expect(other).toMatchObject({ code: 2, notes: expect.stringMatching(/study\/other.*another seed/) })
    const changed = await visuomotor(
      'search-architecture',
      '--resume',
      '--out',
      out,
      '--set',
      'batches.size=8',
    )
    expect(changed).toMatchObject({
      code: 2,
      notes: expect.stringMatching(/study\/other.*batches\.size|assignments/),
    })
    expect(eventsOf(out).filter(({ event }) => event === 'began')).toHaveLength(2)
  })

  test('killed by kill -9 goes on with the trial from its checkpoint; its process does not outlive it', async () => {
    const out = join(home, 'killed')
    const argv = [
      'tune',
      recipe,
      '--space',
      space,
      '--trials',
      '1',
      '--no-own',
      '--epochs',
      '60',
      '--out',
      out,
    ]
    const worker = start(...argv, '--set', 'checkpoints.everyEpochs=2')
    const end = ended(worker)
    const run = join(out, 'trials/0000')
    while (worker.exitCode === null && !checkpointSteps(run).some((step) => step >= 8)) await setTimeout(5)
    const [child] = childrenOf(out)
    worker.kill('SIGKILL')
    await end
    expect(existsSync(join(run, 'summary.json')), 'the trial was over before it could be stopped').toBe(false)
    for (let i = 0; i < 100 && lives(child!); i++) await setTimeout(50)
    expect(lives(child!)).toBe(false)
    const before = checkpointSteps(run).at(-1)!
    const resumed = await ended(start('tune', '--resume', '--out', out, '--json'))
    expect({ ...resumed }).toMatchObject({ status: 0 })
    expect(JSON.parse(resumed.stdout).counts).toEqual({ finished: 1 })
    expect(eventsOf(out).map(({ event }) => event)).toContain('resumed')
    const steps = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).step)
    expect(steps.toSorted((a, b) => a - b)).toEqual(steps)
    expect(steps.at(-1)).toBeGreaterThan(before)
  })

  test('is shared by two workers, who do each trial once', async () => {
    const out = join(home, 'shared')
    const argv = [
      'tune',
      recipe,
      '--space',
      space,
      '--trials',
      '4',
      '--no-own',
      '--sampler',
      'random',
      '--out',
      out,
    ]
    const first = ended(start(...argv, ...short))
    while (!existsSync(join(out, 'journal.jsonl'))) await setTimeout(5)
    const second = ended(start('tune', '--resume', '--out', out, '--trials', '4'))
    expect([(await first).status, (await second).status]).toEqual([0, 0])
    const events = eventsOf(out)
    const ends = events.filter(({ event }) => event === 'ended')
    expect(ends.map(({ trial }) => trial).sort()).toEqual([0, 1, 2, 3])
    expect(ends.every(({ state }) => state === 'finished')).toBe(true)
    const workers = new Set(events.flatMap(({ event, worker }) => (event === 'began' ? [worker.pid] : [])))
    expect(workers.size).toBe(2)
  })

  test('records trials that diverge, hang or are killed, and goes on', async () => {
    const out = join(home, 'failing')
    const rates = join(home, 'rates.json')
    writeFileSync(rates, JSON.stringify({ 'optimizer.learningRate': choice([1e36, 1e37]) }))
    const argv = [
      'tune',
      recipe,
      '--space',
      rates,
      '--trials',
      '2',
      '--no-own',
      '--sampler',
      'grid',
      '--out',
      out,
    ]
    const worker = start(
      ...argv,
      '--set',
      'clipNorm=null',
      '--set',
      'optimizer={"kind":"sgd"}',
      '--epochs',
      '6',
    )
    const { status, stderr } = await ended(worker)
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const ends = eventsOf(out).filter(({ event }) => event === 'ended')
    expect(ends).toHaveLength(2)
    for (const { state, reason } of ends) {
      expect(state).toBe('failed')
      expect(reason).toMatch(/training\/|diverged/)
    }

    const hanging = join(home, 'hanging')
    const limited = ['tune', recipe, '--space', space, '--trials', '1', '--no-own', '--out', hanging]
    await ended(start(...limited, '--trial-minutes', '0.005'))
    const [hung] = eventsOf(hanging).filter(({ event }) => event === 'ended')
    expect(hung).toMatchObject({ state: 'failed', reason: expect.stringMatching(/--trial-minutes/) })

    const shot = join(home, 'shot')
    const long = start(
      ...['tune', recipe, '--space', space, '--trials', '1', '--no-own', '--out', shot, '--epochs', '200'],
    )
    const end = ended(long)
    while (long.exitCode === null && checkpointSteps(join(shot, 'trials/0000')).length === 0)
      await setTimeout(5)
    process.kill(childrenOf(shot)[0]!, 'SIGKILL')
    expect(await end).toMatchObject({ status: 0 })
    const [killed] = eventsOf(shot).filter(({ event }) => event === 'ended')
    expect(killed).toMatchObject({ state: 'failed', reason: expect.stringMatching(/SIGKILL/) })
  })

  test.each([
    [['--space', 'nowhere.json'], /study\/unknown-space/],
    [[], /study\/unknown-space.*--space FILE/],
    [['--objectives', 'quality,latencie'], /study\/options.*did you mean 'latency'\?/],
    [['--cohort', '4'], /study\/options.*--cohort needs --pruner successive-halving/],
    [['--set', 'optimizer.learningRate=1'], /study\/options.*is searched, and set/],
    [['--set', 'validation={}'], /study\/options.*validation data/],
    [['--sampler', 'grid'], /study\/space.*give the range a step/],
  ])('refuses %j before it trains', async (argv, message) => {
    const named = argv.includes('--space') || argv.length === 0 ? argv : ['--space', space, ...argv]
    const out = join(home, 'refused')
    const { code, notes } = await visuomotor('search-architecture', recipe, ...named, '--out', out)
    expect({ code, notes }).toEqual({ code: 2, notes: expect.stringMatching(message) })
    expect(existsSync(out)).toBe(false)
  })

  test('refuses a path that the recipe does not have, and a space that it never takes', async () => {
    const file = join(home, 'wrong.json')
    const search = () => visuomotor('tune', recipe, '--space', file, '--out', join(home, 'refused'))
    writeFileSync(file, JSON.stringify({ 'optimizer.learnigRate': choice([1]) }))
    expect(await search()).toMatchObject({
      code: 2,
      notes: expect.stringMatching(/did you mean 'learningRate'\?/),
    })
    writeFileSync(file, JSON.stringify({ 'model.vision_config.hidden_size': choice([33, 35]) }))
    expect(await search()).toMatchObject({ code: 2, notes: expect.stringMatching(/study\/refused/) })
  })
})

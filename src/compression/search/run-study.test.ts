import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import type { StudyEvent } from './event.ts'
import { MemoryJournal } from './memory-journal.ts'
import { choice, range, type Values } from './parameter.ts'
import { asha, successiveHalving } from './pruners/index.ts'
import { type RunTrial, runStudy, type StudyOptions } from './run-study.ts'
import { evolutionSampler, gridSampler, randomSampler, tpeSampler } from './samplers/index.ts'
import { parseSpace } from './space.ts'

const space = parseSpace({ x: range(0, 1), kind: choice(['a', 'b']) })

/** A trial whose quality is x, reported at four validations on the way there. */
const climbing: RunTrial = async ({ trial }, { report, signal }) => {
  const final = trial.values.x as number
  for (const epoch of [1, 2, 4, 8]) {
    if (signal?.aborted) return { state: 'paused', seconds: epoch }
    const verdict = await report({ resource: epoch, value: final * (1 - 0.5 ** epoch) }, epoch)
    if (verdict !== 'go on') return { state: verdict === 'stop' ? 'stopped' : 'waiting', seconds: epoch }
  }
  return { state: 'finished', measured: { quality: final }, seconds: 8 }
}

const study = (journal: MemoryJournal, options: Partial<StudyOptions> = {}) =>
  runStudy(journal, {
    space,
    objectives: [{ name: 'quality', direction: 'max' }],
    seed: 1,
    sampler: randomSampler(),
    draws: 8,
    refusal: () => undefined,
    runTrial: climbing,
    worker: { host: 'here', pid: 1 },
    isAlive: () => true,
    ...options,
  })

describe('a study', () => {
  it('tries the own values first, then as many draws as are wanted, and again gives the same', async () => {
    const { trials } = await study(new MemoryJournal(), { own: { kind: 'a' }, runTrial: finishing })
    expect(trials).toHaveLength(9)
    expect(trials[0]).toMatchObject({ origin: 'recipe', values: { kind: 'a' } })
    const again = await study(new MemoryJournal(), { own: { kind: 'a' }, runTrial: finishing })
    expect(again.trials.map(({ values }) => values)).toEqual(trials.map(({ values }) => values))
  })

  it.each([
    ['random', randomSampler()],
    ['tpe', tpeSampler()],
    ['evolution', evolutionSampler({ population: 4, tournament: 2 })],
  ])('by %s goes on after any stop as if there had been none', async (_, sampler) => {
    const whole = new MemoryJournal()
    await study(whole, { sampler, draws: 16 })
    for (const cut of [1, 7, 20, 43]) {
      const stopped = new MemoryJournal(whole.events.slice(0, cut))
      const { trials } = await study(stopped, { sampler, draws: 16, isAlive: () => false })
      expect(trials.map(({ values, state }) => [values, state])).toEqual(
        (await whole.read()).trials.map(({ values, state }) => [values, state]),
      )
    }
  })

  it('goes on with the trial of a dead worker, and leaves that of a living one alone', async () => {
    const journal = new MemoryJournal([
      began(0, { x: 0.5, kind: 'a' }, 7),
      began(1, { x: 0.6, kind: 'a' }, 8),
    ])
    const resumed: number[] = []
    const options: Partial<StudyOptions> = {
      draws: 2,
      isAlive: ({ pid }) => pid === 8,
      runTrial: async (work, hooks) => {
        if (work.resumes) resumed.push(work.trial.number)
        return climbing(work, hooks)
      },
      signal: AbortSignal.timeout(50),
    }
    const { trials } = await study(journal, options)
    expect(resumed).toEqual([0])
    expect(trials.map(({ state }) => state)).toEqual(['finished', 'running'])
  })

  it('records failures with their reason, and a diverged trial as one', async () => {
    const outcomes = [
      { state: 'failed', reason: 'killed by SIGKILL', seconds: 1 },
      { state: 'finished', measured: { quality: Number.NaN }, seconds: 1 },
      { state: 'finished', measured: { quality: 1 }, seconds: 1 },
    ] as const
    const { trials } = await study(new MemoryJournal(), {
      draws: 3,
      runTrial: async ({ trial }) => outcomes[trial.number]!,
    })
    expect(trials.map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'killed by SIGKILL'],
      ['failed', 'its quality is NaN: the training diverged'],
      ['finished', undefined],
    ])
  })

  it('keeps a trial for later where the worker itself fails', async () => {
    const journal = new MemoryJournal()
    const broken = study(journal, { runTrial: () => Promise.reject(new Error('the disk is full')) })
    await expect(broken).rejects.toThrow('the disk is full')
    expect((await journal.read()).trials).toMatchObject([{ state: 'running', paused: true }])
    const { trials } = await study(journal)
    expect(trials.map(({ state }) => state)).toEqual(Array(8).fill('finished'))
  })

  it('stops at the signal with the trial paused', async () => {
    const controller = new AbortController()
    const { trials } = await study(new MemoryJournal(), {
      signal: controller.signal,
      runTrial: async (work, hooks) => {
        if (work.trial.number === 2) controller.abort()
        return climbing(work, hooks)
      },
    })
    expect(trials.map(({ state, paused }) => [state, paused])).toEqual([
      ['finished', false],
      ['finished', false],
      ['running', true],
    ])
  })

  it('records what the recipe refuses and draws more, but not for ever', async () => {
    const refusal = (values: Values) => (values.kind === 'b' ? 'no b here' : undefined)
    const { trials } = await study(new MemoryJournal(), { refusal })
    const states = trials.map(({ state, values }) => [values.kind, state])
    expect(states.filter(([, state]) => state === 'finished')).toHaveLength(8)
    expect(new Set(states.map(String))).toEqual(new Set(['a,finished', 'b,refused']))
    const never = study(new MemoryJournal(), { refusal: () => 'nothing fits' })
    await expect(never).rejects.toThrow(ConfigError)
    await expect(never).rejects.toThrow(/200 draws in a row.*nothing fits/)
  })

  it('of a grid tries every combination once and ends', async () => {
    const grid = parseSpace({
      kind: choice(['a', 'b']),
      depth: range(1, 3, { step: 1 }),
      extra: choice([1, 2], { when: { kind: ['b'] } }),
    })
    const sampler = gridSampler(grid)
    const { trials, exhausted } = await study(new MemoryJournal(), {
      space: grid,
      sampler,
      draws: undefined,
      runTrial: finishing,
    })
    expect(exhausted).toBe(true)
    expect(trials).toHaveLength(9)
    expect(new Set(trials.map(({ values }) => JSON.stringify(values))).size).toBe(9)
    expect(() => gridSampler(space)).toThrow(/give the range a step/)
  })
})

describe('pruning', () => {
  it('by ASHA spends less and keeps the best of what it saw; the own values are never stopped', async () => {
    const options = { draws: 24, own: { x: 0, kind: 'a' } } as const
    const all = await study(new MemoryJournal(), options)
    const pruned = await study(new MemoryJournal(), { ...options, pruner: asha({ least: 1, factor: 2 }) })
    const spent = ({ trials }: typeof all) => trials.reduce((sum, { seconds }) => sum + seconds, 0)
    expect(spent(pruned)).toBeLessThan(0.6 * spent(all))
    expect(pruned.trials[0]!.state).toBe('finished')
    const best = (state: typeof all) => Math.max(...state.trials.map(({ measured }) => measured.quality ?? 0))
    expect(best(pruned)).toBe(best(all))
  })

  it('with a cost does not stop what is cheap for being worse', async () => {
    const measuring: RunTrial = async (work, hooks) => {
      const cost = work.trial.values.kind === 'a' ? 1 : 2
      await hooks.measured({ cost })
      const outcome = await climbing({ ...work, trial: { ...work.trial, values: { x: cost / 10 } } }, hooks)
      return outcome.state === 'finished' ? { ...outcome, measured: { quality: cost / 10, cost } } : outcome
    }
    // Dear trials first, then a cheap one, which is worse than all of them.
    const options = {
      draws: 9,
      sampler: ({ draw }) => ({ x: 0, kind: draw < 8 ? 'b' : 'a' }),
      runTrial: measuring,
      pruner: asha({ least: 1, factor: 4 }),
    } satisfies Partial<StudyOptions>
    const quality = { name: 'quality', direction: 'max' } as const
    const alone = await study(new MemoryJournal(), { ...options, objectives: [quality] })
    const both = { ...options, objectives: [quality, { name: 'cost', direction: 'min' }] as const }
    const costed = await study(new MemoryJournal(), both)
    expect(alone.trials.at(-1)!.state).toBe('stopped')
    expect(costed.trials.at(-1)!.state).toBe('finished')
    expect(costed.trials.at(-1)!.measured).toEqual({ quality: 0.1, cost: 1 })
  })

  it('by successive halving waits for the cohort, and lets one in so many go on', async () => {
    const order: string[] = []
    const { trials } = await study(new MemoryJournal(), {
      draws: 8,
      pruner: successiveHalving({ least: 1, factor: 2, cohort: 8 }),
      runTrial: async (work, hooks) => {
        const outcome = await climbing(work, hooks)
        order.push(`${work.trial.number} ${outcome.state}`)
        return outcome
      },
    })
    // Seven wait for the last, which knows all of them.
    expect(order.slice(0, 7)).toEqual(Array.from({ length: 7 }, (_, i) => `${i} waiting`))
    const epochs = trials.map(({ reports }) => reports.at(-1)!.resource).sort((a, b) => b - a)
    expect(epochs).toEqual([8, 4, 2, 2, 1, 1, 1, 1])
    const best = trials.reduce((a, b) => ((a.values.x as number) > (b.values.x as number) ? a : b))
    expect(best.state).toBe('finished')
    expect(trials.filter(({ state }) => state === 'waiting')).toEqual([])
  })

  it('by successive halving does not depend on the order in which trials come to a rung', async () => {
    const results = []
    for (const workers of [1, 3]) {
      const journal = new MemoryJournal()
      const pruner = successiveHalving({ least: 1, factor: 2, cohort: 4 })
      const options = { draws: 8, pruner, runTrial: slowly }
      await Promise.all(
        Array.from({ length: workers }, (_, pid) =>
          study(journal, { ...options, worker: { host: 'h', pid } }),
        ),
      )
      results.push((await journal.read()).trials.map(({ values, state }) => [values, state]))
    }
    expect(results[1]).toEqual(results[0])
  })
})

const began = (trial: number, values: Values, pid: number): StudyEvent => ({
  event: 'began',
  trial,
  origin: 'sampler',
  values,
  worker: { host: 'here', pid },
  at: '',
})

const finishing: RunTrial = async () => ({ state: 'finished', measured: { quality: 1 }, seconds: 1 })

const slowly: RunTrial = async (work, hooks) => {
  await new Promise((resolve) => setTimeout(resolve, 1 + ((work.trial.number * 7) % 5)))
  return climbing(work, hooks)
}

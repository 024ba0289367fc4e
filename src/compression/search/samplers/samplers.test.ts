import { expect, it } from 'vitest'
import { choice, range, type Space, type Values } from '../parameter.ts'
import { parseSpace } from '../space.ts'
import type { Trial } from '../trial.ts'
import { evolutionSampler } from './evolution.ts'
import { randomSampler } from './random.ts'
import type { Question } from './sampler.ts'
import { tpeSampler } from './tpe.ts'

const space = parseSpace({
  kind: choice(['a', 'b']),
  depth: range(1, 6, { step: 1 }),
  rate: range(1e-4, 1, { log: true }),
  extra: range(0, 1, { when: { kind: ['b'] } }),
})

const trial = (
  number: number,
  values: Values,
  quality: number,
  state: Trial['state'] = 'finished',
): Trial => ({
  number,
  origin: 'sampler',
  values,
  state,
  reports: [{ resource: 1, value: quality }],
  measured: state === 'finished' ? { quality } : {},
  seconds: 1,
})

const question = (trials: readonly Trial[], draw = trials.length, of: Space = space): Question => ({
  space: of,
  objectives: [{ name: 'quality', direction: 'max' }],
  seed: 4,
  draw,
  trials,
})

/** Trials of random values that are the better the deeper. */
const history = Array.from({ length: 30 }, (_, i) => {
  const values = randomSampler()(question([], i))!
  return trial(i, values, values.depth as number)
})

it.each([
  ['random', randomSampler()],
  ['tpe', tpeSampler()],
  ['evolution', evolutionSampler()],
])('%s answers one question in one way, and other draws in others', (_, sampler) => {
  const answer = sampler(question(history))
  expect(sampler(question(history))).toEqual(answer)
  expect(sampler(question(history, history.length + 1))).not.toEqual(answer)
})

it('random draws do not depend on what other trials found', () => {
  expect(randomSampler()(question(history, 5))).toEqual(randomSampler()(question([], 5)))
})

it('TPE looks where the good trials are, and away from those that run', () => {
  const sampler = tpeSampler()
  const depths = Array.from({ length: 20 }, (_, i) => sampler(question(history, 100 + i))!.depth as number)
  expect(depths.filter((depth) => depth >= 5).length).toBeGreaterThan(15)
  const one = parseSpace({ x: range(0, 1) })
  const done = Array.from({ length: 20 }, (_, i) => trial(i, { x: i / 20 }, -Math.abs(i / 20 - 0.5)))
  const near = (trials: readonly Trial[]) =>
    Array.from({ length: 40 }, (_, i) => sampler(question(trials, 50 + i, one))!.x as number).filter(
      (x) => Math.abs(x - 0.5) < 0.05,
    ).length
  const running = Array.from({ length: 10 }, (_, i) => trial(20 + i, { x: 0.5 }, 0, 'running'))
  expect(near([...done, ...running])).toBeLessThan(near(done))
})

it('TPE takes stopped trials for worse than finished ones', () => {
  const one = parseSpace({ x: choice(['good', 'bad']) })
  const trials = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0 ? trial(i, { x: 'good' }, 0.1) : trial(i, { x: 'bad' }, 0.9, 'stopped'),
  )
  const answers = Array.from({ length: 20 }, (_, i) => tpeSampler()(question(trials, 30 + i, one))!.x)
  expect(answers.filter((x) => x === 'good').length).toBeGreaterThan(15)
})

it('evolution changes one value of the best of a tournament, and the oldest die', () => {
  const sampler = evolutionSampler({ population: 10, tournament: 10 })
  const brilliant = trial(0, { kind: 'a', depth: 3, rate: 0.1 }, 1000)
  const parent = { kind: 'a', depth: 6, rate: 0.01 }
  const trials = [
    brilliant,
    ...Array.from({ length: 10 }, (_, i) => trial(i + 1, { ...parent, depth: (i % 5) + 1 }, i)),
  ]
  trials[7] = trial(7, parent, 500)
  for (let i = 0; i < 20; i++) {
    const child = sampler(question(trials, 20 + i))!
    const changed = Object.keys(parent).filter((path) => child[path] !== parent[path as keyof typeof parent])
    expect(changed).toHaveLength(1)
    expect(Object.hasOwn(child, 'extra')).toBe(child.kind === 'b')
  }
})

it('evolution finds better values than random draws do', () => {
  const wide = parseSpace(
    Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, choice([0, 1, 2, 3, 4, 5])])),
  )
  const qualityOf = (values: Values) =>
    Object.values(values).reduce<number>((sum, x) => sum + (x as number), 0)
  const bestOf = (sampler: typeof tpeSampler extends () => infer S ? S : never, seed: number) => {
    const trials: Trial[] = []
    for (let i = 0; i < 120; i++) {
      const values = sampler({ ...question(trials, i, wide), seed })!
      trials.push(trial(i, values, qualityOf(values)))
    }
    return Math.max(...trials.map(({ measured }) => measured.quality!))
  }
  const seeds = [0, 1, 2, 3, 4]
  const mean = (sampler: Parameters<typeof bestOf>[0]) =>
    seeds.reduce((sum, seed) => sum + bestOf(sampler, seed), 0) / seeds.length
  expect(mean(evolutionSampler())).toBeGreaterThan(mean(randomSampler()) + 3)
})

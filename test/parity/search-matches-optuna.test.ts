import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  asha,
  choice,
  hypervolume,
  MemoryJournal,
  type Parameter,
  type Pruner,
  parseSpace,
  type Report,
  randomSampler,
  range,
  runStudy,
  type Sampler,
  type Space,
  tpeSampler,
  type Values,
} from '../../src/compression/index.ts'
import { densityOf } from '../../src/compression/search/samplers/tpe.ts'

/** What Optuna found, stored by test/golden/search/make.py. */
const golden = <T>(name: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../golden/search/${name}.json`), 'utf8')) as T

interface Found {
  readonly trials: number
  readonly tpe: Readonly<Record<string, readonly number[]>>
  readonly random: Readonly<Record<string, readonly number[]>>
  readonly volume: { readonly tpe: readonly number[]; readonly random: readonly number[] }
}

type Losses = (values: Values) => readonly number[]

const number = (values: Values, name: string): number => values[name] as number
const all = (count: number, parameter: Parameter): Space =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, parameter]))

const branin: Losses = (values) => {
  const [x, y] = [number(values, 'x'), number(values, 'y')]
  const [b, c, t] = [5.1 / (4 * Math.PI ** 2), 5 / Math.PI, 1 / (8 * Math.PI)]
  return [(y - b * x ** 2 + c * x - 6) ** 2 + 10 * (1 - t) * Math.cos(x) + 10]
}

const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
]
const hartmannP = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]
const hartmann: Losses = (values) => {
  const inner = hartmannA.map((row, k) =>
    row.reduce((sum, a, i) => sum + a * (number(values, `x${i}`) - hartmannP[k]![i]!) ** 2, 0),
  )
  return [-[1, 1.2, 3, 3.2].reduce((sum, alpha, k) => sum + alpha * Math.exp(-inner[k]!), 0)]
}

const conditional: Losses = (values) => {
  const kind = values.kind as 'a' | 'b' | 'c'
  const loss =
    (Math.log10(number(values, 'rate')) + (kind === 'a' ? 3 : 2)) ** 2 +
    0.1 * (number(values, 'depth') - 5) ** 2
  const momentum = kind === 'b' ? 4 * (number(values, 'momentum') - 0.9) ** 2 : 0
  return [loss + momentum + { a: 0.5, b: 0, c: 1 }[kind]]
}

const zdt1: Losses = (values) => {
  const [first, ...rest] = [0, 1, 2, 3].map((i) => number(values, `x${i}`))
  const g = 1 + (9 * rest.reduce((a, b) => a + b)) / 3
  return [first!, g * (1 - Math.sqrt(first! / g))]
}

/** The functions of the script, with their least values. */
const functions: Readonly<
  Record<string, { readonly space: Space; readonly losses: Losses; readonly least: number }>
> = {
  sphere: {
    space: all(4, range(-5, 5)),
    losses: (values) => [Object.values(values).reduce<number>((sum, x) => sum + (x as number) ** 2, 0)],
    least: 0,
  },
  branin: { space: { x: range(-5, 10), y: range(0, 15) }, losses: branin, least: 0.397887 },
  hartmann: { space: all(6, range(0, 1)), losses: hartmann, least: -3.32237 },
  conditional: {
    space: {
      kind: choice(['a', 'b', 'c']),
      rate: range(1e-5, 1, { log: true }),
      depth: range(1, 8, { step: 1 }),
      momentum: range(0, 1, { when: { kind: ['b'] } }),
    },
    losses: conditional,
    least: 0,
  },
  logarithmic: {
    space: { rate: range(1e-6, 1, { log: true }), width: range(4, 4096, { step: 1, log: true }) },
    losses: (values) => [
      (Math.log10(number(values, 'rate')) + 3.3) ** 2 + (Math.log2(number(values, 'width')) - 8.5) ** 2 / 4,
    ],
    least: 0,
  },
}

/** All trials of a study of a pure function. */
async function searched(space: Space, losses: Losses, sampler: Sampler, seed: number, draws: number) {
  const count = losses(Object.fromEntries(Object.keys(space).map((path) => [path, 0.5]))).length
  const names = Array.from({ length: count }, (_, i) => `loss${i}`)
  const { trials } = await runStudy(new MemoryJournal(), {
    space: parseSpace(space),
    objectives: names.map((name) => ({ name, direction: 'min' })),
    seed,
    sampler,
    draws,
    refusal: () => undefined,
    runTrial: async ({ trial }) => {
      const values = losses(trial.values)
      return {
        state: 'finished',
        measured: Object.fromEntries(names.map((name, i) => [name, values[i]!])),
        seconds: 0,
      }
    },
    worker: { host: 'here', pid: 1 },
    isAlive: () => true,
  })
  return trials.map(({ measured }) => names.map((name) => measured[name]!))
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length
const seeds = Array.from({ length: 20 }, (_, seed) => seed)

it.each(
  golden<
    { name: string; parameter: Parameter; observed: number[]; points: number[]; logDensities: number[] }[]
  >('densities'),
)("the density of TPE is Optuna's: $name observations", ({ parameter, observed, points, logDensities }) => {
  const trials = observed.map((x, i) => ({
    number: i,
    origin: 'sampler' as const,
    values: { x },
    state: 'finished' as const,
    reports: [],
    measured: {},
    seconds: 0,
  }))
  const density = densityOf({ x: parameter }, ['x'], trials)
  for (const [i, x] of points.entries()) expect(density.logDensity({ x })).toBeCloseTo(logDensities[i]!, 5)
})

describe('TPE over 20 seeds finds no worse than Optuna', () => {
  const found = golden<Found>('found')
  /** Mean regret of Optuna, and of ours, by function. */
  const regrets = new Map<string, readonly [theirs: number, ours: number, deviation: number]>()

  it.each(Object.keys(functions))('on %s, and far better than random draws', async (name) => {
    const { space, losses, least } = functions[name]!
    const regretsOf = async (sampler: Sampler) => {
      const bests = await Promise.all(
        seeds.map(async (seed) => {
          const all = await searched(space, losses, sampler, seed, found.trials)
          return Math.min(...all.map(([loss]) => loss!)) - least
        }),
      )
      return bests
    }
    const ours = await regretsOf(tpeSampler())
    const theirs = found.tpe[name]!.map((value) => value - least)
    const spread = Math.sqrt(
      [ours, theirs].reduce(
        (sum, list) => sum + mean(list.map((x) => (x - mean(list)) ** 2)) / (list.length - 1),
        0,
      ),
    )
    regrets.set(name, [mean(theirs), mean(ours), spread])
    // The two draw other random numbers, so that one function alone may differ by chance.
    expect(mean(ours)).toBeLessThan(mean(theirs) + 2 * spread)
    expect(mean(ours)).toBeLessThan(0.7 * mean(found.random[name]!.map((value) => value - least)))
    expect(mean(await regretsOf(randomSampler()))).toBeGreaterThan(1.3 * mean(ours))
  })

  it('on all of them together', () => {
    const ratios = [...regrets.values()].map(([theirs, ours]) => Math.log(ours / theirs))
    expect(ratios).toHaveLength(Object.keys(functions).length)
    expect(Math.exp(mean(ratios))).toBeLessThan(1.05)
  })

  it('on two losses, by the volume that the front dominates', async () => {
    const volumes = await Promise.all(
      seeds.map(async (seed) =>
        hypervolume(await searched(all(4, range(0, 1)), zdt1, tpeSampler(), seed, found.trials), [1.1, 11]),
      ),
    )
    expect(mean(volumes)).toBeGreaterThan(0.99 * mean(found.volume.tpe))
    expect(mean(volumes)).toBeGreaterThan(mean(found.volume.random))
  })
})

interface Halving {
  readonly least: number
  readonly factor: number
  readonly curves: readonly (readonly number[])[]
  readonly epochs: readonly number[]
}

/** Epochs to which the curves of a table are trained, one after the other. */
async function trained(curves: Halving['curves'], pruner: Pruner | undefined): Promise<number[]> {
  const { trials } = await runStudy(new MemoryJournal(), {
    space: parseSpace({ x: choice(curves.map((_, i) => i)) }),
    objectives: [{ name: 'quality', direction: 'min' }],
    seed: 0,
    sampler: ({ draw }) => ({ x: draw }),
    pruner,
    draws: curves.length,
    refusal: () => undefined,
    runTrial: async ({ trial }, { report }) => {
      const curve = curves[trial.values.x as number]!
      for (const [i, value] of curve.entries()) {
        const validation: Report = { resource: i + 1, value }
        if ((await report(validation, 0)) === 'stop') return { state: 'stopped', seconds: 0 }
      }
      return { state: 'finished', measured: { quality: curve.at(-1)! }, seconds: 0 }
    },
    worker: { host: 'here', pid: 1 },
    isAlive: () => true,
  })
  return trials.map(({ reports }) => reports.length)
}

describe('ASHA stops trials where Optuna does', () => {
  it.each(golden<Halving[]>('asha'))(
    'from $least epochs, one in $factor',
    async ({ least, factor, curves, epochs }) => {
      expect(await trained(curves, asha({ least, factor }))).toEqual(epochs)
      const spent = epochs.reduce((a, b) => a + b)
      expect(spent).toBeLessThan(0.6 * curves.length * curves[0]!.length)
    },
  )
})

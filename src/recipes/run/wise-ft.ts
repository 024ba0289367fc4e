import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, float32, nameGroups, runFiles, writeSafetensors } from '../../core/index.ts'
import {
  type Bundle,
  type CheckpointChoice,
  descriptionFiles,
  readBundle,
  type Weights,
  weightsFile,
} from '../../deploy/index.ts'
import type { WiseFtPoint } from '../../report/index.ts'
import type { Registry } from '../recipe/registry.ts'
import { openBase } from './base.ts'
import { readRecipe } from './directory.ts'
import { type EvaluationOptions, evaluateModel } from './evaluate.ts'
import type { PreparedRun } from './prepare.ts'

/**
 * Weights between a base and what it was fine-tuned to (WiSE-FT, Wortsman et al. 2022):
 *
 *     θ_α = (1 − α)·base + α·tuned
 *
 * @param alpha In [0, 1]; 0 is the base, 1 the tuned model, bit for bit.
 * @throws ConfigError of {@link requireWholeBase}.
 */
export function interpolateWeights(base: Weights, tuned: Weights, alpha: number): Weights {
  requireWholeBase(base, tuned.keys())
  return new Map(
    Array.from(tuned, ([name, { shape, data }]) => {
      const before = base.get(name)!.data
      const between = (value: number, i: number) => (1 - alpha) * before[i]! + alpha * value
      return [name, float32(shape, alpha === 1 ? data : data.map(between))] as const
    }),
  )
}

/** Refuse a base without some of the weights. @throws ConfigError `config/wise-ft` naming them. */
export function requireWholeBase(base: Weights, names: Iterable<string>): void {
  const missing = [...names].filter((name) => !base.has(name))
  if (missing.length === 0) return
  throw new ConfigError(
    'config/wise-ft',
    `WiSE-FT interpolates all weights with those of the base, which lacks ${nameGroups(missing, base.keys()).join(', ')}. ` +
      'Take a base of the same model, or leave wiseFt out',
    { missing },
  )
}

/**
 * The model of a run with its weights interpolated with those of the base that it began with.
 * @throws ConfigError `config/wise-ft` for a run without a base, or whose base lacks weights; errors of `readBundle`.
 */
export function readWiseFt(
  run: string,
  alpha: number,
  registry: Registry,
  checkpoint?: CheckpointChoice,
): Bundle {
  const recipe = readRecipe(run, registry)
  const base = recipe.base === undefined ? undefined : openBase(recipe, registry)
  const { families } = registry
  if (!base) {
    const message = `${run} began with fresh weights: there is no base to interpolate with. Train with a base`
    throw new ConfigError('config/wise-ft', message, { run })
  }
  const tuned = readBundle(run, { checkpoint, families })
  return { ...tuned, weights: interpolateWeights(base.bundle.weights, tuned.weights, alpha) }
}

/**
 * The curve of WiSE-FT: for each α of the recipe the interpolated model, measured on the validation data and on the
 * tests. Empty for a recipe without `wiseFt`.
 * @returns Undefined when it was interrupted.
 */
export async function wiseFtCurve(
  { directory, recipe, data, registry }: PreparedRun,
  options: EvaluationOptions,
): Promise<readonly WiseFtPoint[] | undefined> {
  const points: WiseFtPoint[] = []
  const folder = join(directory, `wise-ft.${process.pid}.tmp`)
  try {
    for (const alpha of recipe.wiseFt?.alphas ?? []) {
      writeModel(directory, folder, readWiseFt(directory, alpha, registry).weights)
      const named = { ...options, onTest: (name: string) => options.onTest?.(`${name}, WiSE-FT at ${alpha}`) }
      const validation = data.validation
        ? await evaluateModel(folder, { validation: data.validation }, registry, named)
        : undefined
      const tests = await evaluateModel(folder, data.tests, registry, named)
      if (options.signal?.aborted) return undefined
      const measured = validation?.results.validation
      points.push({ alpha, ...(measured && { validation: measured }), tests: tests.results })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return points
}

/** A folder with the description of a run's model and other weights. */
function writeModel(run: string, folder: string, weights: Weights): void {
  mkdirSync(folder, { recursive: true })
  const described = [runFiles.recipe, ...Object.values(descriptionFiles)]
  for (const name of readdirSync(run).filter((name) => (described as string[]).includes(name)))
    copyFileSync(join(run, name), join(folder, name))
  writeSafetensors(join(folder, weightsFile), weights, { format: 'pt' })
}

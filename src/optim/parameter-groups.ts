import { ConfigError, type Range, type Shape } from '../core/index.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, checkOptions, text } from './options.ts'
import { matchPattern } from './path-pattern.ts'

/** Training of the parameters whose path matches `pattern`. A key that is left out changes nothing. */
export interface ParameterRule {
  /** A path in which `*` stands for any characters, dots included: `*.bias`, `vision_model.*`. */
  readonly pattern: string
  /** Factor of the run's learning rate, ≥ 0. */
  readonly learningRate?: number | undefined
  /** Weight decay in place of the optimizer's, ≥ 0. */
  readonly weightDecay?: number | undefined
  /**
   * True: never trained. `{ epochs }`: not trained in the first so many passes over the data, then trained. False:
   * trained, even if an earlier rule froze it.
   */
  readonly freeze?: boolean | { readonly epochs: number } | undefined
}

/** Parameters that are trained alike. */
export interface ParameterGroup {
  readonly names: readonly string[]
  /** Factor of the run's learning rate. */
  readonly learningRate: number
  /** Weight decay; undefined for the optimizer's. */
  readonly weightDecay: number | undefined
  /** Passes over the data before it is trained: 0 for none, infinitely many for what is never trained. */
  readonly frozenEpochs: number
  /** True when the optimizer's rule for matrices applies. */
  readonly matrices: boolean
}

const freezing: Range = {
  words: 'true, false or { epochs: a number > 0 }',
  holds: (value) =>
    typeof value === 'boolean' ||
    (typeof value === 'object' && Number((value as { epochs?: unknown })?.epochs) > 0),
}
const ruleRanges = { pattern: text, learningRate: atLeastZero, weightDecay: atLeastZero, freeze: freezing }

type Treatment = Omit<ParameterGroup, 'names'>

/**
 * Sort parameters into groups. Without rules everything is trained at the run's learning rate, with weight
 * decay where {@link decaysByDefault} holds; then the rules apply in order, so that a later rule wins.
 * Groups are ordered by their first parameter, names within a group as given.
 * @param optimizer Optimizer whose rule for matrices, if there is one, separates the parameters it accepts.
 * @throws ConfigError `optim/pattern` when a rule matches nothing, `optim/option-range`, `optim/unknown-option`,
 * `optim/all-frozen` when nothing is trained from the beginning.
 */
export function parameterGroups(
  parameters: readonly { readonly name: string; readonly shape: Shape }[],
  rules: readonly ParameterRule[] = [],
  optimizer?: Optimizer,
): ParameterGroup[] {
  const names = parameters.map(({ name }) => name)
  const treatments = new Map<string, Treatment>()
  for (const { name, shape } of parameters) {
    const weightDecay = decaysByDefault(name, shape) ? undefined : 0
    const matrices = optimizer?.matrices?.accepts(name, shape) ?? false
    treatments.set(name, { learningRate: 1, weightDecay, frozenEpochs: 0, matrices })
  }
  for (const rule of rules) {
    checkOptions('parameter rule', rule, ruleRanges)
    for (const name of matchPattern(rule.pattern, names)) {
      treatments.set(name, treat(rule, treatments.get(name)!))
    }
  }
  const groups = groupAlike(treatments)
  if (groups.length > 0 && groups.every(({ frozenEpochs }) => frozenEpochs > 0)) throw allFrozen(groups)
  return groups
}

function allFrozen(groups: readonly ParameterGroup[]): ConfigError {
  const epochs = Math.min(...groups.map(({ frozenEpochs }) => frozenEpochs))
  const until = epochs === Number.POSITIVE_INFINITY ? '' : ` for ${epochs} epochs`
  return new ConfigError(
    'optim/all-frozen',
    `every parameter is frozen${until}: nothing would be trained. Leave some out of the rules with freeze`,
    { epochs },
  )
}

/**
 * True when weight decay applies by default, as in open_clip: to matrices and kernels, but not to parameters of
 * fewer than two axes (biases, the scale of a norm, class embeddings, logit scale and bias) or with a norm,
 * bias or logit scale in their name.
 */
export const decaysByDefault = (name: string, shape: Shape): boolean =>
  shape.length >= 2 && !/bias|norm|logit_scale/.test(name)

function treat(rule: ParameterRule, before: Treatment): Treatment {
  return {
    ...before,
    learningRate: rule.learningRate ?? before.learningRate,
    weightDecay: rule.weightDecay ?? before.weightDecay,
    frozenEpochs: rule.freeze === undefined ? before.frozenEpochs : epochsOf(rule.freeze),
  }
}

const epochsOf = (freeze: NonNullable<ParameterRule['freeze']>): number =>
  typeof freeze === 'boolean' ? (freeze ? Number.POSITIVE_INFINITY : 0) : freeze.epochs

function groupAlike(treatments: ReadonlyMap<string, Treatment>): ParameterGroup[] {
  const groups = new Map<string, { names: string[]; treatment: Treatment }>()
  for (const [name, treatment] of treatments) {
    // Nothing tells frozen parameters apart.
    const { learningRate, weightDecay, matrices, frozenEpochs } = treatment
    const isFrozen = frozenEpochs === Number.POSITIVE_INFINITY
    const key = isFrozen ? 'frozen' : `${learningRate} ${weightDecay} ${matrices} ${frozenEpochs}`
    const group = groups.get(key)
    if (group) group.names.push(name)
    else groups.set(key, { names: [name], treatment })
  }
  return [...groups.values()].map(({ names, treatment }) => ({ names, ...treatment }))
}

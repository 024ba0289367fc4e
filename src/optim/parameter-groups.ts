import type { Shape } from '../core/index.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, checkOptions, flag, text } from './options.ts'
import { matchPattern } from './path-pattern.ts'

/** Training of the parameters whose path matches `pattern`. A key that is left out changes nothing. */
export interface ParameterRule {
  /** A path in which `*` stands for any characters, dots included: `*.bias`, `vision_model.*`. */
  readonly pattern: string
  /** Factor of the run's learning rate, ≥ 0. */
  readonly learningRate?: number | undefined
  /** Weight decay in place of the optimizer's, ≥ 0. */
  readonly weightDecay?: number | undefined
  /** True: never updated. False: updated, even if an earlier rule froze it. */
  readonly freeze?: boolean | undefined
}

/** Parameters that are trained alike. */
export interface ParameterGroup {
  readonly names: readonly string[]
  /** Factor of the run's learning rate. */
  readonly learningRate: number
  /** Weight decay; undefined for the optimizer's. */
  readonly weightDecay: number | undefined
  readonly frozen: boolean
  /** True when the optimizer's rule for matrices applies. */
  readonly matrices: boolean
}

const ruleRanges = { pattern: text, learningRate: atLeastZero, weightDecay: atLeastZero, freeze: flag }

type Treatment = Omit<ParameterGroup, 'names'>

/**
 * Sort parameters into groups. Without rules everything is trained at the run's learning rate, with weight
 * decay where {@link decaysByDefault} holds; then the rules apply in order, so that a later rule wins.
 * Groups are ordered by their first parameter, names within a group as given.
 * @param optimizer Optimizer whose rule for matrices, if there is one, separates the parameters it accepts.
 * @throws ConfigError `optim/pattern` when a rule matches nothing, `optim/option-range`,
 * `optim/unknown-option`.
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
    treatments.set(name, { learningRate: 1, weightDecay, frozen: false, matrices })
  }
  for (const rule of rules) {
    checkOptions('parameter rule', rule, ruleRanges)
    for (const name of matchPattern(rule.pattern, names)) {
      treatments.set(name, treat(rule, treatments.get(name)!))
    }
  }
  return groupAlike(treatments)
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
    frozen: rule.freeze ?? before.frozen,
  }
}

function groupAlike(treatments: ReadonlyMap<string, Treatment>): ParameterGroup[] {
  const groups = new Map<string, { names: string[]; treatment: Treatment }>()
  for (const [name, treatment] of treatments) {
    // Nothing tells frozen parameters apart.
    const key = treatment.frozen
      ? 'frozen'
      : `${treatment.learningRate} ${treatment.weightDecay} ${treatment.matrices}`
    const group = groups.get(key)
    if (group) group.names.push(name)
    else groups.set(key, { names: [name], treatment })
  }
  return [...groups.values()].map(({ names, treatment }) => ({ names, ...treatment }))
}

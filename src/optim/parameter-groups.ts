import type { Shape } from '../core/index.ts'
import type { Optimizer } from './optimizer.ts'
import { atLeastZero, checkOptions, flag, text } from './options.ts'
import { matchPattern } from './path-pattern.ts'

/** How the parameters whose path matches `pattern` are trained. What a rule leaves out stays as it was. */
export interface ParameterRule {
  /** A path in which `*` stands for any characters, dots included: `*.bias`, `vision_model.*`. */
  readonly pattern: string
  /** Factor of the run's learning rate, ≥ 0. */
  readonly learningRate?: number | undefined
  /** In place of the optimizer's weight decay, ≥ 0. */
  readonly weightDecay?: number | undefined
  /** True: never updated. False: updated although an earlier rule froze it. */
  readonly freeze?: boolean | undefined
}

/** Parameters that are trained alike. */
export interface ParameterGroup {
  readonly names: readonly string[]
  /** Factor of the run's learning rate. */
  readonly learningRate: number
  /** Undefined: the optimizer's. */
  readonly weightDecay: number | undefined
  readonly frozen: boolean
  /** Whether the optimizer's rule for matrices applies. */
  readonly matrices: boolean
}

const ruleRanges = { pattern: text, learningRate: atLeastZero, weightDecay: atLeastZero, freeze: flag }

type Treatment = Omit<ParameterGroup, 'names'>

/**
 * Sort parameters into groups. Without rules everything is trained at the run's learning rate, with weight
 * decay where {@link decaysByDefault} holds; then the rules apply in order, so that a later rule wins.
 * Groups are ordered by their first parameter, names within a group as given.
 * @param optimizer Its rule for matrices, if it has one, separates the parameters it accepts from the others.
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
 * Whether weight decay applies unless a rule says otherwise: to matrices and kernels, not to parameters of
 * fewer than two axes (biases, the scale of a norm, class embeddings, logit scale and bias), nor to any that
 * a norm, bias or logit scale owns by name. As open_clip does.
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

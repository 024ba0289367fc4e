import type { Tensor } from '../../../graph/index.ts'
import { attentionDivergences, softenedDivergences } from '../../../losses/index.ts'
import {
  type BoxLossOptions,
  type HeadConfig,
  headKindOf,
  headLabels,
  type Policy,
} from '../../../models/index.ts'
import type { LossTerm } from '../../strategies/add-losses.ts'
import type { Leaves } from '../../strategies/leaves.ts'
import { policyOutputs, sampleShares } from '../policy/policy-losses.ts'

/** A term of the distillation of a policy: a loss that compares it with its teachers. */
export type PolicyTerm =
  | { readonly kind: 'outputs'; readonly weight: number; readonly temperature: number }
  | { readonly kind: 'attention'; readonly weight: number }

/** The kinds of terms of a policy. */
export const policyTerms = ['outputs', 'attention'] as const satisfies readonly PolicyTerm['kind'][]

/** Names of the arrays of a teacher's outputs: `<name>.<head>.<output>` and `<name>.attention`. */
export const policyArray = (teacher: string, output: string): string => `${teacher}.${output}`

/** Heads of a policy that learn from teachers. */
export interface PolicyDistillationOptions {
  /** Heads that the student trains, all of which its teachers have. */
  readonly heads: Readonly<Record<string, HeadConfig>>
  readonly box: BoxLossOptions
}

/**
 * The losses of a policy that learns from teachers, for `policyTask`; each is the mean over the teachers and over all
 * samples, labelled or not. `outputs` adds up the heads' own errors with the teacher's outputs as labels, which for numbers
 * is the mean squared error in the unit of the head; classes are softened: see `softenedDivergences`. `attention` is the
 * divergence of the first glance over the patches from the teacher's.
 * @param teachers Names of the teachers.
 */
export const policyDistillation = (
  model: Policy,
  teachers: readonly string[],
  terms: readonly PolicyTerm[],
  options: PolicyDistillationOptions,
): LossTerm[] =>
  terms.map((term) => ({
    name: term.kind === 'outputs' ? 'teacherOutputs' : 'teacherAttention',
    weight: term.weight,
    objective: {
      features: () => ({}),
      loss(_, leaves) {
        const errors = teachers.map((teacher) => errorsOf(model, teacher, term, options, leaves)) // [batch] each
        const mean = errors.reduce(add).mul(1 / errors.length)
        return { loss: mean.mul(leaves.get(sampleShares)).sum(), sampleLosses: mean }
      },
    },
  }))

function errorsOf(
  model: Policy,
  teacher: string,
  term: PolicyTerm,
  { heads, box }: PolicyDistillationOptions,
  leaves: Leaves,
): Tensor {
  const outputs = policyOutputs(model, leaves)
  if (term.kind === 'attention')
    return attentionDivergences(outputs.attention, leaves.get(policyArray(teacher, 'attention')))
  const ofHeads = Object.entries(heads).map(([name, head]) => {
    const own = outputs.heads[name]!
    const known = Object.fromEntries(
      Object.keys(own).map((output) => [output, leaves.get(policyArray(teacher, `${name}.${output}`))]),
    )
    const classes = headLabels(head).filter(({ kind }) => kind === 'class')
    const errors = headKindOf(head).errors(own, known, head, { box })
    const softened = classes.map(({ output }) => [
      output,
      softenedDivergences(own[output]!, known[output]!, term.temperature),
    ])
    return Object.values<Tensor>({ ...errors, ...Object.fromEntries(softened) }).reduce(add)
  })
  return ofHeads.reduce(add)
}

const add = (a: Tensor, b: Tensor): Tensor => a.add(b)

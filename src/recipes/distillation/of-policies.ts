import { ConfigError, float32, type HostArray } from '../../core/index.ts'
import { PolicyRuntime } from '../../deploy/index.ts'
import {
  classNamesOf,
  type HeadConfig,
  type HeadValues,
  isPolicy,
  labelsOf,
  type Policy,
} from '../../models/index.ts'
import { type PolicyTerm, policyArray, policyDistillation, policyTerms } from '../../training/index.ts'
import type { ImitationOptions } from '../objectives/imitation-options.ts'
import type { DistillationTerm } from '../recipe/distillation.ts'
import type { Distillation } from './distillation.ts'
import type { Teacher } from './teacher.ts'

/** Policies that learn from policies with the heads that they train. */
export const distillationOfPolicies: Distillation<Policy> = {
  kinds: policyTerms,
  usual: [{ kind: 'outputs', weight: 1, temperature: 4 }],
  requireFitting(student, teacher, terms, { objective }) {
    const { heads } = objective as ImitationOptions
    requireHeads(trainedHeads(student, heads), teacher)
    if (terms.some(({ kind }) => kind === 'attention')) requireGrid(student, teacher)
  },
  losses(student, teachers, terms, { objective }) {
    const { heads, box } = objective as ImitationOptions
    const names = teachers.map(({ name }) => name)
    return policyDistillation(student, names, terms.filter(isKnown), {
      heads: trainedHeads(student, heads),
      box,
    })
  },
  async load({ name, directory }, inputs, options) {
    const { runner } = await PolicyRuntime.load(directory, options)
    return async ({ ids, arrays }) => {
      const { heads, attention } = await runner.run(arrays[inputs.images]!, arrays[inputs.texts]!)
      const outputs = Object.entries(heads).flatMap(([head, values]) => namedOutputs(head, values))
      return Object.fromEntries(
        [['attention', attention] as const, ...outputs].map(([output, values]) => [
          policyArray(name, output),
          rowsOf(values, ids.length),
        ]),
      )
    }
  },
}

const isKnown = (term: DistillationTerm): term is PolicyTerm => policyTerms.some((kind) => kind === term.kind)

const namedOutputs = (head: string, values: HeadValues) =>
  Object.entries(values).map(([output, numbers]) => [`${head}.${output}`, numbers] as const)

const rowsOf = (values: Float32Array, rows: number): HostArray =>
  float32([rows, values.length / rows], new Float32Array(values))

type Heads = Readonly<Record<string, HeadConfig>>

function trainedHeads({ config: { heads } }: Policy, trained: readonly string[] | undefined): Heads {
  if (!trained) return heads
  return Object.fromEntries(trained.map((name) => [name, heads[name]!]))
}

/** The keys that decide the meaning of a head's outputs; its layers and its unit may be others. */
const described = (head: HeadConfig, named: boolean): string =>
  JSON.stringify({
    kind: head.kind,
    labels: labelsOf(head),
    ...('classes' in head && { classes: head.classes }),
    ...('length' in head && { length: head.length }),
    ...(named && { classNames: classNamesOf(head) }),
  })

function requireHeads(heads: Heads, { directory, description: { model } }: Teacher): void {
  const known: Heads = isPolicy(model) ? model.config.heads : {}
  for (const [name, head] of Object.entries(heads)) {
    const other = known[name]
    const named = [head, other].every((each) => each && classNamesOf(each))
    const [own, its] = [head, other].map((each) => each && described(each, named))
    if (own === its) continue
    const why = its === undefined ? `it has no head '${name}'` : `its head '${name}' is ${its} and not ${own}`
    const message =
      `distillation: ${directory} cannot teach this policy: ${why}. Take a teacher with the heads that are trained, or train ` +
      'only those that it has (objective.heads)'
    throw new ConfigError('config/distillation', message, { teacher: directory, head: name })
  }
}

function requireGrid(student: Policy, { directory, description: { model } }: Teacher): void {
  const [own, its] = [student, model].map(({ inputs: { image } }) => image.size / (image.patch ?? image.size))
  if (own === its) return
  const message =
    `distillation: ${directory} looks at ${its} × ${its} patches, and this policy at ${own} × ${own}, so that their attention ` +
    "cannot be compared: leave the term 'attention' out, or give both as many patches"
  throw new ConfigError('config/distillation', message, { teacher: directory, own, its })
}

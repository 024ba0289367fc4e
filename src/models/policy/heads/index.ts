import { z } from 'zod'
import type { LabelKind } from '../../../data/sample.ts'
import { classification } from './classification.ts'
import { detection } from './detection.ts'
import type { HeadKind, OutputLabel } from './head-kind.ts'
import { joints } from './joints.ts'
import { pose } from './pose.ts'
import { position } from './position.ts'
import { regression } from './regression.ts'

/** The table of heads, by `kind`: a missing rule does not compile. */
export const headKinds = { detection, pose, position, joints, regression, classification }

type Schema = (typeof headKinds)[keyof typeof headKinds]['schema']

/** A head: its predictions, and the names of its labels in the batches. */
export const headConfig = z.discriminatedUnion(
  'kind',
  Object.values(headKinds).map(({ schema }) => schema) as [Schema, ...Schema[]],
)

export type HeadConfig = z.output<typeof headConfig>

/** A row whose output names are known only at run time. */
type AnyHeadKind = HeadKind<z.ZodType<HeadConfig>, string>

/** The row of a head's kind. */
export const headKindOf = ({ kind }: HeadConfig): AnyHeadKind => headKinds[kind] as unknown as AnyHeadKind

/** A label that a head learns from. */
export interface HeadLabel {
  /** The output that learns from it. */
  readonly output: string
  /** The key of the head's config that names it. */
  readonly key: string
  readonly label: string
  readonly kind: LabelKind['kind']
  /** True where heads of this kind can be measured without the label. */
  readonly isOptional: boolean
}

/** The labels that a head learns from, output by output. */
export function headLabels(head: HeadConfig): readonly HeadLabel[] {
  const outputs: [output: string, label: OutputLabel & { readonly optional?: boolean }][] = Object.entries(
    headKindOf(head).labels,
  )
  return outputs.flatMap(([output, { key, kind, optional = false }]) => {
    const label = (head as unknown as Readonly<Record<string, string | undefined>>)[key]
    return label === undefined ? [] : [{ output, key, label, kind, isOptional: optional }]
  })
}

/** Names of the labels that a head learns from. */
export const labelsOf = (head: HeadConfig): readonly string[] => headLabels(head).map(({ label }) => label)

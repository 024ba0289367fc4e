import type { Joint, LabelKind } from '../../data/sample.ts'
import { classNamesOf } from './class-names.ts'
import type { PolicyConfig } from './config.ts'
import { headLabels } from './heads/index.ts'

/** Meaning of the values of a label on the robot. */
export interface ActionDescription {
  /** The head that predicts it. */
  readonly head: string
  readonly kind: LabelKind['kind']
  /** Unit of every value, or of each. */
  readonly unit: string | readonly string[]
  /** Frame of the values: the image, or the robot's base (x forward, y left, z up). */
  readonly frame?: string
  /** Names and limits of the joints, where the training data or the recipe gives them. */
  readonly joints?: readonly Joint[]
  /** Names of the classes, where they are known. */
  readonly classNames?: readonly string[]
}

const image = 'image: fractions of width and height from the upper left corner'
const robot = 'robot: x forward, y left, z up'

/** Units and frames of the kinds of labels, as `LabelKind` describes them. */
const meanings: Readonly<Record<LabelKind['kind'], Pick<ActionDescription, 'unit' | 'frame'>>> = {
  class: { unit: 'logit' },
  box: { unit: 'fraction', frame: image },
  point: { unit: 'fraction', frame: image },
  position: { unit: 'm', frame: robot },
  pose: { unit: ['m', 'm', 'm', 'rad', 'rad', 'rad'], frame: robot },
  joints: { unit: 'rad' },
  number: { unit: 'as in the training data' },
}

/** The meaning of each label that a policy predicts, for the programs that move a robot. */
export function actionsOf({
  heads,
}: Pick<PolicyConfig, 'heads'>): Readonly<Record<string, ActionDescription>> {
  const described = Object.entries(heads).flatMap(([head, config]) =>
    headLabels(config).map(({ label, kind }) => {
      const joints = 'joints' in config ? config.joints : undefined
      const classNames = kind === 'class' ? classNamesOf(config) : undefined
      const names = { ...(joints && { joints }), ...(classNames && { classNames }) }
      return [label, { head, kind, ...meanings[kind], ...names }] as const
    }),
  )
  return Object.fromEntries(described)
}

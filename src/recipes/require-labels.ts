import { ConfigError, nearestName } from '../core/index.ts'
import type { LabelKind, Source } from '../data/index.ts'
import { type ConfigWithHeads, headLabels } from '../models/index.ts'
import type { Experiment } from './experiment.ts'
import type { Objective } from './objective.ts'

/**
 * That a source has the labels that a policy learns from, each of the right kind and length.
 * @throws ConfigError `config/label` naming the key of the recipe and the label, and what there is.
 */
export function requireLabels({ heads }: ConfigWithHeads, objective: Objective, source: Source): void {
  const trained = (objective.name === 'imitation' && objective.heads) || Object.keys(heads)
  for (const name of trained) {
    const head = heads[name]!
    for (const { key, label, kind } of headLabels(head))
      requireLabel(`model.heads.${name}.${key}`, label, { ...head, kind }, source)
  }
  const grounding = objective.name === 'imitation' ? objective.grounding : null
  if (grounding) requireLabel('objective.grounding.label', grounding.label, { kind: 'box' }, source)
}

/**
 * That a validation has the labels of the head whose number is watched; of several heads together those of any will do.
 * @throws ConfigError as {@link requireLabels}.
 */
export function requireMonitoredLabels({ model, objective, monitor }: Experiment, validation: Source): void {
  if (objective.name !== 'imitation' || !('heads' in model)) return
  const head = Object.keys(model.heads).find((name) => monitor?.startsWith(`${name}.`))
  if (head !== undefined) requireLabels(model, { ...objective, heads: [head], grounding: null }, validation)
}

/** What is wanted of a label; classes and length where its kind has them. */
interface WantedKind {
  readonly kind: LabelKind['kind']
  readonly classes?: number
  readonly length?: number
}

function requireLabel(path: string, label: string, wanted: WantedKind, source: Source): void {
  const { name, labels = {} } = source
  const known = Object.hasOwn(labels, label) ? labels[label] : undefined
  if (known && describe(known) === describe(wanted)) return
  const nearest = nearestName(label, Object.keys(labels))
  const all = Object.entries(labels).map(([other, kind]) => `${other} (${describe(kind)})`)
  const found = known
    ? `is a label of kind ${describe(known)} in ${name}, but ${describe(wanted)} is needed`
    : `is not in ${name}; ${nearest ? `did you mean '${nearest}'? ` : ''}It has ${all.join(', ') || 'no labels'}`
  throw new ConfigError('config/label', `${path}: the label '${label}' ${found}`, {
    path,
    label,
    source: name,
  })
}

/** `joints of 7`, `class of 6`, `pose` */
function describe(kind: WantedKind): string {
  if (kind.kind === 'class') return `class of ${kind.classes}`
  return kind.kind === 'joints' || kind.kind === 'number' ? `${kind.kind} of ${kind.length}` : kind.kind
}

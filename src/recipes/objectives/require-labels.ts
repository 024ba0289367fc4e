import { ConfigError, nearestName } from '../../core/index.ts'
import type { LabelKind, Source } from '../../data/index.ts'
import { type HeadConfig, headLabels } from '../../models/index.ts'

/**
 * Refuse a source without the labels that heads learn from, each of the right kind and length.
 * @param trained Names of the heads.
 * @param boxes Labels with boxes that teach where to look.
 * @throws ConfigError `config/label` naming the key of the recipe, the label, and the labels that the source has.
 */
export function requireLabels(
  heads: Readonly<Record<string, HeadConfig>>,
  trained: readonly string[],
  boxes: readonly string[],
  source: Source,
): void {
  for (const name of trained) {
    const head = heads[name]!
    for (const { key, label, kind } of headLabels(head))
      requireLabel(`model.heads.${name}.${key}`, label, { ...head, kind }, source)
  }
  for (const label of boxes) requireLabel('objective.grounding.label', label, { kind: 'box' }, source)
}

/** Required kind of a label; classes and length where its kind has them. */
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

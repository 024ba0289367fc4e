import { z } from 'zod'
import { ConfigError, nameGroups, sizeOf } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { prunedOf } from '../../models/index.ts'
import { matchPattern } from '../../optim/index.ts'
import type { CompressionMethod, Subject, Tools } from '../method.ts'
import { leastOfAll, leastOfEach, relative, type Scores } from './choose-units.ts'
import { findLayers, withoutSomeLayers } from './prune-layers.ts'
import { findUnits, withoutSome } from './prune-units.ts'
import { type Candidates, importances, scoresOf } from './score.ts'

const kinds = ['heads', 'hidden', 'layers'] as const

const schema = z.strictObject({
  kind: z.literal('structured'),
  /** Share of the units that is removed of each kind, in (0, 1), rounded to whole units. */
  ratio: z.number().gt(0, 'between 0 and 1').lt(1, 'between 0 and 1').default(0.3),
  /** Kinds of units: attention heads, hidden units, and whole layers. */
  of: z.array(z.enum(kinds)).nonempty().default(['hidden']),
  /** What tells the units to remove: those of least importance. */
  importance: z.enum(importances).default('magnitude'),
  /** The same share in every layer; false: the least important units of the whole model. */
  uniform: z.boolean().default(true),
  /** Pattern of the paths where units are removed, such as `vision_model.*` or `*.layers.3.*`. Default: everywhere. */
  layers: z.string().optional(),
})

/** Options of structured pruning. */
export type StructuredOptions = z.output<typeof schema>

type Kind = (typeof kinds)[number]

/**
 * Structured pruning: heads, hidden units and layers of least importance are removed outright. What must go together is
 * found in the model's graphs, so that it works for every family (DepGraph, Fang et al. 2023).
 */
export const structured: CompressionMethod<StructuredOptions> = {
  schema,
  async apply(options, subject, tools) {
    requireMatch(options, subject.bundle, tools)
    const shorter = options.of.includes('layers') ? await pruneLayers(options, subject, tools) : subject
    const thinner = await pruneUnits(options, shorter, tools)
    noteWhatIsLeft(subject.bundle, thinner.bundle, tools)
    return thinner
  },
}

/** Paths that a pattern is matched with. */
const pathsOf = (kind: Kind, bundle: Bundle, { families }: Tools): string[] => {
  if (kind === 'layers')
    return findLayers(bundle, families).stacks.flatMap(({ path, depth }) =>
      Array.from({ length: depth }, (_, i) => `${path}.${i}`),
    )
  return findUnits(bundle, families).sets.flatMap((set) => (set.kind === kind ? [set.path] : []))
}

function requireMatch({ of, layers }: StructuredOptions, bundle: Bundle, tools: Tools): void {
  const paths = of.flatMap((kind) => {
    const found = pathsOf(kind, bundle, tools)
    if (found.length > 0) return found
    throw new ConfigError(
      'compression/nothing-to-remove',
      `structured: no ${kind} can be removed of this model without a change of what its other parts mean. Leave '${kind}' out ` +
        'of `of`',
      { kind },
    )
  })
  if (layers !== undefined) matchPattern(layers, paths, 'place with units to remove')
}

/** Tell a path that is pruned. */
const chosenBy = ({ layers }: StructuredOptions): ((path: string) => boolean) => {
  if (layers === undefined) return () => true
  return (path) => matches(layers, path)
}

function matches(pattern: string, path: string): boolean {
  try {
    return matchPattern(pattern, [path]).length > 0
  } catch {
    return false
  }
}

async function pruneLayers(options: StructuredOptions, subject: Subject, tools: Tools): Promise<Subject> {
  const { graphs, stacks, sets } = findLayers(subject.bundle, tools.families)
  const isChosen = chosenBy(options)
  const open = stacks.map(({ path, depth }) =>
    Array.from({ length: depth }, (_, i) => i).filter((i) => isChosen(`${path}.${i}`)),
  )
  const scores = await scoresOf(options.importance, sets, subject, graphs, tools)
  const ofOpen = open.map((indices, stack) => indices.map((index) => scores[stack]![index]!))
  const removed = least(options, ofOpen).map((chosen, stack) => {
    const indices = chosen.map((i) => open[stack]![i]!)
    return indices.length < stacks[stack]!.depth ? indices : indices.slice(0, -1)
  })
  removed.forEach((indices, stack) => {
    const { path, depth } = stacks[stack]!
    if (indices.length > 0)
      tools.note(`structured: ${indices.length} of ${depth} layers of ${path} removed: ${[...indices].sort()}`)
  })
  return { ...subject, bundle: withoutSomeLayers(subject.bundle, stacks, removed, tools.families) }
}

async function pruneUnits(options: StructuredOptions, subject: Subject, tools: Tools): Promise<Subject> {
  const found = findUnits(subject.bundle, tools.families)
  const isChosen = chosenBy(options)
  const removed: number[][] = found.sets.map(() => [])
  for (const kind of options.of) {
    const sets = found.sets.flatMap((set, i) => (set.kind === kind && isChosen(set.path) ? [i] : []))
    const candidates = sets.map((i): Candidates => {
      const { path, units, activations } = found.sets[i]!
      const probes = activations.map(({ tensor, axis, units }) => {
        const others = tensor.shape.flatMap((_, other) => (other === axis ? [] : [other]))
        return { at: tensor, value: tensor.abs().mean(others), units }
      })
      return { path, units, probes }
    })
    const scores = await scoresOf(options.importance, candidates, subject, found.graphs, tools)
    least(options, scores).forEach((indices, i) => {
      removed[sets[i]!] = indices
    })
    const [gone, all] = [removed, found.sets.map(({ units }) => units)].map((of) =>
      sets.reduce((sum, i) => sum + of[i]!.length, 0),
    )
    const name = kind === 'heads' ? 'attention heads' : 'hidden units'
    if (kind !== 'layers')
      tools.note(`structured: ${gone} of ${all} ${name} removed, at ${sets.length} places, by ${options.importance}`)
  }
  if (removed.every((indices) => indices.length === 0)) return subject
  return { ...subject, bundle: withoutSome(subject.bundle, found.sets, removed, tools.families) }
}

/** The least important of each set or of all together. Losses compare across sets; norms and means do not. */
function least({ ratio, uniform, importance }: StructuredOptions, scores: readonly Scores[]): number[][] {
  if (uniform) return leastOfEach(scores, ratio)
  return leastOfAll(importance === 'taylor' ? scores : scores.map(relative), ratio)
}

function noteWhatIsLeft(before: Bundle, after: Bundle, tools: Tools): void {
  const [all, left] = [before, after].map(({ weights }) =>
    [...weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  )
  if (left === all)
    throw new ConfigError(
      'compression/nothing-to-remove',
      'structured: this ratio is less than half a unit everywhere; nothing would be removed. Take a larger one',
      {},
    )
  tools.note(`structured: ${left} of ${all} numbers are left`)
  const unsaid = Object.keys(prunedOf(after.model) ?? {})
  if (unsaid.length === 0) return
  const others = [...after.weights.keys()].filter((name) => !unsaid.includes(name))
  tools.note(
    `structured: Hugging Face's libraries cannot read this model's weights, since no number of its config.json says the sizes of ` +
      `${nameGroups(unsaid, others).join(', ')}; visuomotor reads them under its key "pruned". The ONNX files run everywhere`,
  )
}

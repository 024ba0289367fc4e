import { z } from 'zod'
import { ConfigError, sizeOf } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { prunedOf } from '../../models/index.ts'
import { matchPattern } from '../../optim/index.ts'
import type { CompressionMethod, Subject, Tools } from '../method.ts'
import { type Choice, leastOfAll, leastOfEach, relative } from './choose-units.ts'
import type { UnitSet } from './prunable-units.ts'
import { type FoundLayers, findLayers, withoutSomeLayers } from './prune-layers.ts'
import { type FoundUnits, findUnits, withoutSome } from './prune-units.ts'
import { type Candidates, importances, scoresOf } from './score.ts'

const kinds = ['heads', 'hidden', 'layers'] as const

const schema = z.strictObject({
  kind: z.literal('structured'),
  /** Share of the units that is removed of each kind, in (0, 1), rounded to whole units. */
  ratio: z.number().gt(0, 'between 0 and 1').lt(1, 'between 0 and 1').default(0.3),
  /** Kinds of units: attention heads, hidden units, and whole layers. */
  of: z.array(z.enum(kinds)).nonempty().default(['hidden']),
  /** Measure by which the units of least importance are found. */
  importance: z.enum(importances).default('magnitude'),
  /** The same share in every layer; false: the least important units of the whole model. */
  uniform: z.boolean().default(true),
  /** Pattern of the paths where units are removed, such as `vision_model.*` or `*.layers.3.*`. Default: everywhere. */
  layers: z.string().optional(),
})

/** Options of structured pruning. */
export type StructuredOptions = z.output<typeof schema>

/** Structured pruning as a step of a compression: see {@link structured}. */
export const structuredStep = (options: Omit<z.input<typeof schema>, 'kind'> = {}) =>
  ({ kind: 'structured', ...options }) as const

type Kind = (typeof kinds)[number]

/**
 * Structured pruning: heads, hidden units and layers of least importance are removed outright. What must go together is
 * found in the model's graphs, so that it works for every family (DepGraph, Fang et al. 2023).
 */
export const structured: CompressionMethod<StructuredOptions> = {
  schema,
  async apply(options, subject, tools) {
    const layers = options.of.includes('layers') ? findLayers(subject.bundle, tools.families) : undefined
    const units = options.of.some((kind) => kind !== 'layers')
      ? findUnits(subject.bundle, tools.families)
      : undefined
    requireMatch(options, layers, units)
    const shorter = layers ? await pruneLayers(options, subject, layers, tools) : subject
    const found = shorter === subject ? units : units && findUnits(shorter.bundle, tools.families)
    const thinner = found ? await pruneUnits(options, shorter, found, tools) : shorter
    if (thinner === subject) throw nothingRemoved(options, layers, units)
    noteWhatIsLeft(subject.bundle, thinner.bundle, tools)
    return thinner
  },
  reach: {
    parts: (options) => new Map(options.of.map((kind) => [kind, { ...options, of: [kind] as [Kind] }])),
    without: (options, parts) => ({ ...options, of: withoutKinds(options.of, parts) }),
    share: (options, share) => ({ ...options, ratio: options.ratio * share }),
  },
}

/** Kinds that are left; none of them leaves a model as it is. */
const withoutKinds = (of: StructuredOptions['of'], parts: readonly string[]): StructuredOptions['of'] =>
  of.filter((kind) => !parts.includes(kind)) as StructuredOptions['of']

/** Refuse kinds that the model does not have, and a pattern that matches nothing. */
function requireMatch(
  { of, layers: pattern }: StructuredOptions,
  layers?: FoundLayers,
  units?: FoundUnits,
): void {
  const paths = of.flatMap((kind) => {
    const found = kind === 'layers' ? pathsOf(layers?.stacks ?? []) : pathsOfSets(kind, units?.sets ?? [])
    if (found.length > 0) return found
    throw new ConfigError(
      'compression/nothing-to-remove',
      `structured: no ${kind} can be removed of this model without a change of what its other parts mean. Leave '${kind}' out ` +
        'of `of`',
      { kind },
    )
  })
  if (pattern !== undefined) matchPattern(pattern, paths, 'place with units to remove')
}

/** The refusal of a ratio that is less than half a unit at each place, with the least that is not. */
function nothingRemoved(
  options: StructuredOptions,
  layers: FoundLayers | undefined,
  units: FoundUnits | undefined,
): ConfigError {
  const { ratio, uniform, of } = options
  const counts = of.map((kind) => {
    const places =
      kind === 'layers'
        ? (layers?.stacks ?? []).map(({ path, depth }) => ({ path: `${path}.0`, count: depth }))
        : (units?.sets ?? []).flatMap((set) =>
            set.kind === kind ? [{ path: set.path, count: set.units.length }] : [],
          )
    const isChosen = chosenBy(
      options,
      places.map(({ path }) => path),
    )
    const chosen = places.flatMap(({ path, count }) => (isChosen(path) ? [count] : []))
    const most = uniform ? Math.max(0, ...chosen) : chosen.reduce((sum, count) => sum + count, 0)
    return { kind, most }
  })
  const least = Math.ceil(500 / Math.max(...counts.map(({ most }) => most))) / 1000
  const told = counts.map(({ kind, most }) => `${most} ${kind}`).join(', ')
  return new ConfigError(
    'compression/nothing-to-remove',
    `structured: a ratio of ${ratio} is less than half a unit of ${told} ${uniform ? 'at one place' : 'in all'}: nothing ` +
      `would be removed. Take ${least} or more`,
    { ratio, least },
  )
}

const pathsOf = (stacks: FoundLayers['stacks']): string[] =>
  stacks.flatMap(({ path, depth }) => Array.from({ length: depth }, (_, i) => `${path}.${i}`))

const pathsOfSets = (kind: Kind, sets: FoundUnits['sets']): string[] =>
  sets.flatMap((set) => (set.kind === kind ? [set.path] : []))

/** Tell paths where units are removed. */
function chosenBy({ layers }: StructuredOptions, paths: readonly string[]): (path: string) => boolean {
  if (layers === undefined) return () => true
  const chosen = new Set(matching(layers, paths))
  return (path) => chosen.has(path)
}

/** The paths that a pattern matches, none of them too: it may be meant for another kind of units. */
function matching(pattern: string, paths: readonly string[]): string[] {
  try {
    return matchPattern(pattern, paths)
  } catch {
    return []
  }
}

async function pruneLayers(
  options: StructuredOptions,
  subject: Subject,
  { graphs, stacks, sets }: FoundLayers,
  tools: Tools,
): Promise<Subject> {
  const isChosen = chosenBy(options, pathsOf(stacks))
  const open = stacks.map(({ path, depth }) =>
    Array.from({ length: depth }, (_, i) => i).filter((i) => isChosen(`${path}.${i}`)),
  )
  const scores = await scoresOf(options.importance, sets, subject, graphs, tools)
  const ofOpen = open.map((indices, stack) => ({
    scores: indices.map((index) => scores[stack]![index]!),
    most: stacks[stack]!.depth - 1,
  }))
  const removed = least(options, ofOpen).map((chosen, stack) => chosen.map((i) => open[stack]![i]!))
  if (removed.every((indices) => indices.length === 0)) {
    const all = stacks.reduce((sum, { depth }) => sum + depth, 0)
    tools.note(`structured: 0 of ${all} layers removed, at ${stacks.length} places`)
    return subject
  }
  removed.forEach((indices, stack) => {
    const { path, depth } = stacks[stack]!
    const list = [...indices].sort((a, b) => a - b).join(', ')
    if (indices.length > 0)
      tools.note(`structured: ${indices.length} of ${depth} layers of ${path} removed: ${list}`)
  })
  return { ...subject, bundle: withoutSomeLayers(subject.bundle, stacks, removed, tools.families) }
}

async function pruneUnits(
  options: StructuredOptions,
  subject: Subject,
  found: FoundUnits,
  tools: Tools,
): Promise<Subject> {
  const removed: number[][] = found.sets.map(() => [])
  for (const kind of options.of) {
    if (kind === 'layers') continue
    const isChosen = chosenBy(options, pathsOfSets(kind, found.sets))
    const sets = found.sets.flatMap((set, i) => (set.kind === kind && isChosen(set.path) ? [i] : []))
    const candidates = sets.map((i) => candidatesOf(found.sets[i]!))
    const scores = await scoresOf(options.importance, candidates, subject, found.graphs, tools)
    const choices = scores.map((each) => ({ scores: each, most: each.length - 1 }))
    least(options, choices).forEach((indices, i) => {
      removed[sets[i]!] = indices
    })
    const [gone, all] = [removed, found.sets.map(({ units }) => units)].map((of) =>
      sets.reduce((sum, i) => sum + of[i]!.length, 0),
    )
    const name = kind === 'heads' ? 'attention heads' : 'hidden units'
    tools.note(
      `structured: ${gone} of ${all} ${name} removed, at ${sets.length} places, by ${options.importance}`,
    )
  }
  if (removed.every((indices) => indices.length === 0)) return subject
  return { ...subject, bundle: withoutSome(subject.bundle, found.sets, removed, tools.families) }
}

/** Units with the mean absolute values of their activations. */
function candidatesOf({ path, units, activations }: UnitSet): Candidates {
  const probes = activations.map(({ tensor, axis, units }) => {
    const others = tensor.shape.flatMap((_, other) => (other === axis ? [] : [other]))
    return { at: tensor, value: tensor.abs().mean(others), units }
  })
  return { path, units, probes }
}

/** The least important of each set or of all together. Losses compare across sets; norms and means do not. */
function least({ ratio, uniform, importance }: StructuredOptions, choices: readonly Choice[]): number[][] {
  if (uniform) return leastOfEach(choices, ratio)
  const compared = choices.map(({ scores, most }) => ({ scores: relative(scores), most }))
  return leastOfAll(importance === 'taylor' ? choices : compared, ratio)
}

function noteWhatIsLeft(before: Bundle, after: Bundle, tools: Tools): void {
  const [all, left] = [before, after].map(({ weights }) =>
    [...weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  )
  tools.note(`structured: ${left} of ${all} numbers are left`)
  const unsaid = Object.keys(prunedOf(after.model) ?? {})
  if (unsaid.length === 0) return
  const places = unsaid.map((name) => name.replace(/\.[^.]+$/, '').replace(/\.\d+(?=\.|$)/g, '.*'))
  tools.note(
    `structured: Hugging Face's libraries cannot read this model's weights, since no number of its config.json says the sizes of ` +
      `${[...new Set(places)].join(', ')}; visuomotor reads them under its key "pruned". The ONNX files run everywhere`,
  )
}

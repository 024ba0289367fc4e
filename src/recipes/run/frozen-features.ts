import { isDeepStrictEqual } from 'node:util'
import { type Batch, float32, gatherRows, type HostArray, sliceRows } from '../../core/index.ts'
import { evaluationTransforms } from '../../data/index.ts'
import { ParameterProgram, toHost } from '../../engine/index.ts'
import { input, type Tensor, topologicalOrder } from '../../graph/index.ts'
import { type DualEncoder, isDualEncoder, type Model, projectsTexts } from '../../models/index.ts'
import { formatBytes, formatNumber } from '../../report/index.ts'
import {
  inPieces,
  keptOutputs,
  keysOfTexts,
  type ModelState,
  type OutputsOf,
  type PreparedTraining,
} from '../../training/index.ts'
import type { FeatureArray } from '../objectives/objective.ts'
import type { Recipe } from '../recipe/schema.ts'
import { sortTransforms } from '../recipe/transforms.ts'
import type { ResolvedRecipe } from './resolve.ts'

/** Functions that add the features of frozen towers to batches, and sentences about them. */
export interface FrozenFeatures {
  /** The function of each array that is kept. */
  readonly outputs: ReadonlyMap<FeatureArray, OutputsOf>
  readonly notes: readonly string[]
}

/** Memory for the features of a tower; those of further samples are computed in each step. */
const mostBytes = 2 ** 30

/** Samples that are encoded at once where the recipe names no smaller number. */
const mostAtOnce = 32

/** A tower or a part of one, by the array that a batch has in its place. */
interface Tower {
  readonly name: string
  /** The array that it reads. */
  readonly reads: 'pixelValues' | 'inputIds'
  /** Features of the array; undefined for a model without this part. */
  encode(model: DualEncoder, leaf: Tensor): Tensor | undefined
}

/** Towers in the order in which they are tried: pooled texts are those of a tower whose projection learns. */
const towers: Readonly<Record<FeatureArray, Tower>> = {
  imageFeatures: {
    name: 'image tower',
    reads: 'pixelValues',
    encode: (model, leaf) => model.encodeImage(leaf),
  },
  textFeatures: {
    name: 'text tower',
    reads: 'inputIds',
    encode: (model, leaf) => model.encodeText(leaf),
  },
  pooledTexts: {
    name: 'text tower without its projection',
    reads: 'inputIds',
    encode: (model, leaf) => (projectsTexts(model) ? model.poolText(leaf) : undefined),
  },
}

/** Ways to read an array: how many samples at once, what tells them apart, and what they are called. */
interface Reading {
  leaf(model: DualEncoder, rows: number): Tensor
  /** Most samples in one pass. */
  readonly atOnce: number
  readonly keysOf?: (batch: Batch) => readonly string[]
  readonly things: readonly [one: string, several: string]
  /** Key of the recipe that draws it anew in every pass, so that nothing can be kept. */
  drawn(recipe: Recipe): string | undefined
}

const readings: Readonly<Record<Tower['reads'], Reading>> = {
  pixelValues: {
    leaf: ({ inputs: { image } }, rows) =>
      input('pixelValues', [rows, image.channels, image.size, image.size]),
    atOnce: mostAtOnce,
    things: ['sample', 'samples'],
    drawn: ({ augment, mix }) => {
      const { images } = sortTransforms(augment)
      if (!isDeepStrictEqual(images, evaluationTransforms(images))) return 'augment'
      return mix.length > 0 ? 'mix' : undefined
    },
  },
  inputIds: {
    leaf: ({ inputs: { text } }, rows) => input('inputIds', [rows, text.length], 'int64'),
    // Alone: a pass over several texts computes as much of each as the longest needs, in other bits.
    atOnce: 1,
    keysOf: keysOfTexts('inputIds'),
    things: ['distinct text', 'distinct texts'],
    drawn: () => undefined,
  },
}

/**
 * The features of the towers that are frozen for the whole run (locked-image tuning, Zhai et al. 2022): computed once
 * and kept, for each sample of which every pass gives the same image, and for each distinct text. Else each step computes
 * them, without a backward pass.
 */
export async function frozenFeatures(
  { recipe, objective, data }: Pick<ResolvedRecipe, 'recipe' | 'objective' | 'data'>,
  model: Model,
  { state, task }: PreparedTraining,
): Promise<FrozenFeatures> {
  const outputs = new Map<FeatureArray, OutputsOf>()
  const notes: string[] = []
  for (const name of isDualEncoder(model) ? (objective.features ?? []) : []) {
    if (name === 'pooledTexts' && outputs.has('textFeatures')) continue
    const encoder = model as DualEncoder
    const { microSize = mostAtOnce, size } = recipe.batches
    const tower = towers[name]
    const { atOnce, leaf, drawn, keysOf, things } = readings[tower.reads]
    const rows = Math.min(microSize, size, atOnce)
    const features = tower.encode(encoder, leaf(encoder, rows))
    if (!features || !isFrozen(features, state)) continue
    const key = drawn(recipe)
    if (key !== undefined) {
      notes.push(
        `the ${tower.name} is frozen; ${key} changes what it reads, so that each step computes its features`,
      )
      continue
    }
    const program = await ParameterProgram.create(state.engine, state.values, undefined, {
      parameters: new Map([...state.parameters].map(([name, { leaf }]) => [name, leaf])),
      outputs: { features },
      precision: task.precision ?? 'float32',
    })
    const compute: OutputsOf = async ({ arrays, ids }) => {
      const found = await program.run({ [tower.reads]: filledUp(arrays[tower.reads]!, rows) })
      const values = float32(features.shape, (await toHost(found.features!, 'float32')).slice())
      return { [name]: sliceRows(values, 0, ids.length) }
    }
    outputs.set(name, keptOutputs(inPieces(compute, rows), mostBytes, keysOf))
    const count = keysOf ? undefined : data.training.size
    notes.push(keptNote(tower.name, things, 4 * features.shape[1]!, count))
  }
  return { outputs, notes }
}

/** Tell if all parameters that a value depends on are frozen for the whole run. */
function isFrozen(value: Tensor, { groups, parameters }: ModelState): boolean {
  const nodes = new Set(topologicalOrder([value]))
  return groups.every(
    ({ names, frozenEpochs }) =>
      frozenEpochs === Number.POSITIVE_INFINITY ||
      !names.some((name) => nodes.has(parameters.get(name)!.leaf.node)),
  )
}

/** The rows filled up to `size` with the first, so that a sample has the same bits whichever others are met with it. */
const filledUp = (array: HostArray, size: number): HostArray => {
  const count = array.shape[0]!
  return count === size
    ? array
    : gatherRows(
        array,
        Array.from({ length: size }, (_, i) => (i < count ? i : 0)),
      )
}

function keptNote(
  tower: string,
  [thing, things]: Reading['things'],
  bytesOfSample: number,
  samples: number | undefined,
): string {
  const most = Math.floor(mostBytes / bytesOfSample)
  const kept = `the ${tower} is frozen: its features are computed once for each ${thing} and kept`
  if (samples === undefined)
    return `${kept}, ${formatBytes(bytesOfSample)} each, for up to ${formatNumber(most)} ${things}`
  if (samples <= most)
    return `${kept}, ${formatBytes(samples * bytesOfSample)} for ${formatNumber(samples)} samples`
  return `${kept} for ${formatNumber(most)} of ${formatNumber(samples)} samples (${formatBytes(mostBytes)}); each step computes those of the others`
}

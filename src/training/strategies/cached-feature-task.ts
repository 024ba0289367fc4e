import { concatenateRows, type HostArray, type Shape, ShapeError, sliceRows } from '../../core/index.ts'
import { type DeviceTensor, toHost } from '../../engine/index.ts'
import { gradients, type Tensor } from '../../graph/index.ts'
import { gatherRows, placeAmong } from '../communicator.ts'
import type { StepResult, Task } from '../task.ts'
import { type Draw, defineTask, type Step, type StrategyMemory, type TaskDefinition } from './define-task.ts'
import type { Leaves, Shapes } from './leaves.ts'
import { lossOutputs, readNumbers, type TaskLoss } from './loss-outputs.ts'
import { lossScaleFeed, lossScaleLeaf } from './loss-scale-input.ts'
import type { StepProgram } from './step-programs.ts'

/** Features by name, [batch, …] each. */
export type Features = Readonly<Record<string, Tensor>>

/**
 * An objective over features of the whole batch. Several objectives add up: their features side by side, their losses
 * by weight.
 */
export interface FeatureObjective {
  /** Build the features of a micro-batch, float32: all values of a sample that the loss needs, such as its own loss. */
  features(leaves: Leaves): Features
  /** Build the loss from the features and further arrays of all samples. */
  loss(features: Features, leaves: Leaves): TaskLoss
  /** Draw further arrays of a batch, anew in each step. Default: none. */
  readonly draw?: Draw
}

export interface CachedFeatureTaskDefinition<Own extends object>
  extends TaskDefinition<Own>,
    FeatureObjective {}

type Arrays = Readonly<Record<string, HostArray>>

/**
 * A task whose loss compares the samples of a batch with each other.
 *
 * A batch in one piece takes one program. A batch in several pieces, or over several members, takes GradCache
 * (Gao et al. 2021): encode every piece, take the loss and its gradient with respect to all features at once,
 * encode again with the same dropout masks and let that gradient flow in. The gradients are the same; the memory is
 * that of one piece. Parameters that only the loss reads get their gradients in the program of the loss.
 *
 * A step throws ShapeError `shape/feature` for a feature whose first axis is not the sample.
 */
export function cachedFeatureTask<Own extends object = Record<never, never>>(
  definition: CachedFeatureTaskDefinition<Own>,
): Task<StrategyMemory<Own>> {
  const objective: FeatureObjective = {
    features: definition.features.bind(definition),
    loss: definition.loss.bind(definition),
  }
  const ofWhole = (leaves: Leaves) => objective.loss(objective.features(leaves), leaves)
  return defineTask(definition, {
    loss: ofWhole,
    arrays: async (microBatches) => {
      const samples = microBatches.reduce((sum, { ids }) => sum + ids.length, 0)
      return [withRows(microBatches[0]!.arrays, samples)]
    },
    computeGradients: (step) =>
      step.microBatches.length === 1 && step.communicator.size === 1
        ? atOnce(step, ofWhole)
        : inPieces(step, objective),
  })
}

/** Compute loss and gradients in one program. */
async function atOnce(step: Step, loss: (leaves: Leaves) => TaskLoss): Promise<StepResult> {
  const { request, state, programs, steps } = step
  const { ids, arrays } = step.microBatches[0]!
  const program = programs.find(kindOf('step', step), arrays, state, (leaves) => {
    const built = loss(leaves)
    return {
      outputs: lossOutputs(built, request),
      flow: [{ y: built.loss, dy: lossScaleLeaf(request.lossScale) }],
      accumulate: request.accumulate === true,
    }
  })
  const results = await program.run(arrays, { steps, samples: ids }, lossScaleFeed(request.lossScale))
  return stepResult(results, 0, ids.length)
}

async function inPieces(step: Step, objective: FeatureObjective): Promise<StepResult> {
  const { microBatches, state, communicator, request, steps } = step
  const pieces = microBatches.map(({ arrays }) => arrays)
  const counts = microBatches.map(({ ids }) => ids.length)
  const count = counts.reduce((sum, rows) => sum + rows, 0)
  const { first, total } = await placeAmong(count, communicator)
  const cached = await encode(step, pieces, objective)
  const names = Object.keys(cached).map(featureOf)
  const shapes = { ...withRows(pieces[0]!, total), ...cached }
  const program = lossProgram(step, shapes, names, objective)
  const arrays = { ...cached, ...(await wholeArrays(step, pieces, program, cached)) }
  const places = Array.from({ length: total }, (_, place) => `place ${place}`)
  if (!request.accumulate) await state.gradients.clear()
  const results = await program.run(arrays, { steps, samples: places }, lossScaleFeed(request.lossScale))
  let row = first
  for (const [index, piece] of pieces.entries()) {
    const next = row + counts[index]!
    const flowing = names.map((name) => {
      const { dims, data } = results[flowOf(name)]!
      const whole = { dtype: 'float32', shape: dims, data: data as Float32Array } as const
      return [flowOf(name), sliceRows(whole, row, next)] as const
    })
    await inject(step, { ...piece, ...Object.fromEntries(flowing) }, index, objective)
    row = next
  }
  return stepResult(results, first, count)
}

/** The features of all pieces, of all members, under the names of their leaves. */
async function encode(
  { microBatches, state, communicator, programs, steps }: Step,
  pieces: readonly Arrays[],
  { features }: FeatureObjective,
): Promise<Record<string, HostArray>> {
  const parts: Record<string, HostArray[]> = {}
  for (const [index, piece] of pieces.entries()) {
    const { ids } = microBatches[index]!
    const rows = ids.length
    const program = programs.find('encode', piece, state, (leaves) => {
      const built = features(leaves)
      for (const [name, { shape }] of Object.entries(built)) requireRows(name, shape, rows)
      return { outputs: asLeaves(built) }
    })
    for (const [name, tensor] of Object.entries(await program.run(piece, { steps, samples: ids }))) {
      const data = await toHost(tensor, 'float32')
      parts[name] = [...(parts[name] ?? []), { dtype: 'float32', shape: tensor.dims, data }]
    }
  }
  const gathered: Record<string, HostArray> = {}
  for (const [name, rows] of Object.entries(parts))
    gathered[name] = await gatherRows(concatenateRows(rows), communicator)
  return gathered
}

function requireRows(feature: string, shape: Shape, rows: number): void {
  if (shape[0] === rows) return
  throw new ShapeError(
    'shape/feature',
    `the feature '${feature}' has shape [${shape}] for ${rows} samples; its first axis must be the sample`,
    { feature, shape, rows },
  )
}

/**
 * The program of the loss over all features, its gradients with respect to them, and the gradients of the parameters
 * that only the loss reads.
 */
function lossProgram(
  step: Step,
  shapes: Shapes,
  names: readonly string[],
  { loss }: FeatureObjective,
): StepProgram {
  const { communicator, request, state, programs } = step
  const kind = `${kindOf('loss', step)} of ${communicator.size}`
  return programs.find(kind, shapes, state, (leaves) => {
    const features = names.map((name) => leaves.get(leafOf(name)))
    const built = loss(Object.fromEntries(names.map((name, i) => [name, features[i]!])), leaves)
    const dy = lossScaleLeaf(request.lossScale)
    const flowing = gradients(built.loss, features, dy)
    const named = names.map((name, i) => [flowOf(name), flowing[i]!] as const)
    return {
      outputs: { ...lossOutputs(built, request), ...Object.fromEntries(named) },
      // Every member takes the whole loss, and their gradients are added up: each gives its share.
      flow: [{ y: built.loss, dy: dy.mul(1 / communicator.size) }],
      accumulate: true,
    }
  })
}

/** The arrays that the loss reads beside the features, of all pieces and all members. */
async function wholeArrays(
  { communicator }: Step,
  pieces: readonly Arrays[],
  { arrays }: StepProgram,
  cached: Arrays,
): Promise<Record<string, HostArray>> {
  const whole: Record<string, HostArray> = {}
  for (const name of arrays.filter((name) => !(name in cached)))
    whole[name] = await gatherRows(concatenateRows(pieces.map((piece) => piece[name]!)), communicator)
  return whole
}

/** Encode a piece again and let the gradients of its features flow back into the parameters. */
async function inject(
  { microBatches, state, programs, steps }: Step,
  arrays: Arrays,
  index: number,
  { features }: FeatureObjective,
): Promise<void> {
  const program = programs.find('inject', arrays, state, (leaves) => {
    const built = Object.entries(features(leaves))
    const flow = built.map(([name, y]) => ({ y, dy: leaves.get(flowOf(name)) }))
    return { outputs: {}, flow, accumulate: true }
  })
  await program.run(arrays, { steps, samples: microBatches[index]!.ids })
}

/** Kind of a program with the loss: everything that it depends on beside shapes. */
const kindOf = (name: string, { request }: Step): string =>
  `${name} ${[request.sampleLosses, request.lossScale !== undefined, request.accumulate === true]}`

const leafPrefix = 'feature:'
/** The leaf of a feature in the program of the loss; its name differs from that of any array. */
const leafOf = (name: string): string => `${leafPrefix}${name}`
const featureOf = (leaf: string): string => leaf.slice(leafPrefix.length)
const asLeaves = (features: Features): Features =>
  Object.fromEntries(Object.entries(features).map(([name, tensor]) => [leafOf(name), tensor]))

/** The gradient of a feature: an output of the program of the loss, and a leaf of the program that injects it. */
const flowOf = (name: string): string => `flow:${name}`

/** Shapes of the arrays with another number of rows. */
const withRows = (arrays: Arrays, rows: number): Shapes =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { dtype, shape }]) => [
      name,
      { dtype, shape: [rows, ...shape.slice(1)] },
    ]),
  )

/** The result of a step, with the losses of this member's samples, which begin at row `first` of all. */
async function stepResult(
  results: Readonly<Record<string, DeviceTensor>>,
  first: number,
  count: number,
): Promise<StepResult> {
  const all = results.sampleLosses && (await toHost(results.sampleLosses, 'float32'))
  return { ...(await readNumbers(results)), ...(all && { sampleLosses: all.slice(first, first + count) }) }
}

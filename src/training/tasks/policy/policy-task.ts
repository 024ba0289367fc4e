import { type Batch, float32, type HostArray } from '../../../core/index.ts'
import { type Arena, ParameterProgram, type Precision, toHost, toNumber } from '../../../engine/index.ts'
import { gradients } from '../../../graph/index.ts'
import {
  type HeadConfig,
  labelsOf,
  type Policy,
  PolicyPrograms,
  type Tolerances,
} from '../../../models/index.ts'
import { namedParameters, type Parameter } from '../../../nn/index.ts'
import type { Communicator } from '../../communicator.ts'
import type { ModelState } from '../../model-state.ts'
import type { Metrics, StepRequest, StepResult, Task } from '../../task.ts'
import { lossScaleFeed, lossScaleLeaf } from '../loss-scale-input.ts'
import { DropoutMasks } from './dropout-masks.ts'
import { type LabelWeights, labelWeights } from './label-weights.ts'
import { type PolicyLossOptions, policyLosses, weightLeaf } from './policy-losses.ts'
import { policyMetrics } from './policy-metrics.ts'
import { placed, sharePictures } from './share-pictures.ts'
import { type TaskWeighting, TaskWeights, type WeightMemory } from './task-weighting.ts'

export interface PolicyTaskOptions extends Pick<PolicyLossOptions, 'grounding' | 'box'> {
  readonly weighting: TaskWeighting
  readonly tolerances: Tolerances
  /** Heads that are trained and measured; default: all. The others keep their weights. */
  readonly heads?: readonly string[]
  /** Of the dropout masks. */
  readonly seed: number
  /** For weights that change over the run. */
  readonly totalSteps: number
  /** Of the model's matrix products in training; default `float32`. */
  readonly precision?: Precision
}

/** What the task remembers from step to step; part of every checkpoint. */
interface PolicyMemory {
  readonly steps: number
  readonly weights?: WeightMemory
}

/** What a program of a step is for. */
interface StepKind extends StepRequest {
  /** Add to the gradients that are there: a batch in pieces. */
  readonly accumulate: boolean
}

interface CompiledStep {
  readonly program: ParameterProgram
  readonly masks: DropoutMasks
  /** Names of the outputs that are losses. */
  readonly scalars: readonly string[]
}

type Arrays = Readonly<Record<string, HostArray>>

/**
 * Learning to act: a policy with one head a task, each with a loss of its own, combined by one weighting.
 *
 * Batches hold `pixelValues`, `inputIds`, and for every label of the heads its numbers under its name [batch,
 * numbers] and `<name>Present` [batch]. A sample may lack any of them: each loss is the mean over the samples that
 * have its label, in the whole effective batch, however that is cut into micro-batches. Samples in a row with the same
 * picture share it: the image tower sees it once for all of their commands.
 */
export class PolicyTask implements Task {
  readonly name = 'policy'
  readonly model: Policy
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly #options: PolicyTaskOptions
  readonly #heads: Readonly<Record<string, HeadConfig>>
  /** Labels, and alternatives of the heads that learn from several. */
  readonly #labels: readonly (readonly string[])[]
  readonly #weights: TaskWeights
  readonly #programs = new Map<string, Promise<CompiledStep>>()
  readonly #evaluators = new WeakMap<Arena, Promise<PolicyPrograms>>()
  #steps = 0

  /** @throws ConfigError `training/task-weights` for the weight of a head that is not trained. */
  constructor(model: Policy, options: PolicyTaskOptions) {
    const trained = options.heads ?? Object.keys(model.config.heads)
    this.model = model
    this.#options = options
    this.#heads = Object.fromEntries(trained.map((name) => [name, model.config.heads[name]!]))
    const { grounding } = options
    const ofHeads = Object.values(this.#heads).map(labelsOf)
    const labels = new Set([...ofHeads.flat(), ...(grounding ? [grounding.label] : [])])
    this.#labels = [...Array.from(labels, (label) => [label]), ...ofHeads.filter(({ length }) => length > 1)]
    this.#weights = new TaskWeights(options.weighting, trained)
    this.parameters = new Map([...namedParameters(model), ...this.#weights.parameters])
  }

  get memory(): unknown {
    const weights = this.#weights.memory
    return { steps: this.#steps, ...(weights && { weights }) } satisfies PolicyMemory
  }

  set memory(memory: unknown) {
    const { steps, weights } = memory as PolicyMemory
    this.#steps = steps
    this.#weights.memory = weights
  }

  async computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
    request: StepRequest = { sampleLosses: false },
  ): Promise<StepResult> {
    const pieces = await labelWeights(microBatches, this.#labels, communicator)
    const factors = this.#weights.feeds(this.#steps / this.#options.totalSteps)
    const kind = { accumulate: microBatches.length > 1, ...request }
    if (kind.accumulate) await state.gradients.clear()
    const sums: Record<string, number> = {}
    const ofSamples: number[] = []
    let first = 0
    for (const [index, batch] of microBatches.entries()) {
      const { arrays, places } = sharePictures(batch.arrays)
      const { program, masks, scalars } = await this.#step(arrays, state, kind)
      const results = await program.run({
        ...arrays,
        ...feedsOf(pieces[index]!, places, factors),
        ...masks.feeds(this.#options.seed, this.#steps, index),
        ...lossScaleFeed(request),
      })
      for (const name of scalars) sums[name] = (sums[name] ?? 0) + (await toNumber(results[name]!))
      if (request.sampleLosses) {
        const losses = await toHost(results.samples!, 'float32')
        for (const [place, row] of places.entries()) if (row >= 0) ofSamples[first + row] = losses[place]!
        first += batch.ids.length
      }
    }
    this.#steps++
    this.#weights.observe(this.#seenLosses(sums, pieces))
    const { loss, ...parts } = sums as { loss: number }
    return {
      loss,
      numbers: { ...parts, ...logged(factors) },
      ...(request.sampleLosses && { sampleLosses: Float32Array.from(ofSamples) }),
    }
  }

  async evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics> {
    const programs = this.#evaluators.get(values) ?? PolicyPrograms.create(state.engine, this.model, values)
    this.#evaluators.set(values, programs)
    return policyMetrics(await programs, this.#heads, this.#options.tolerances, batches)
  }

  /** The losses of those heads for which the batch had labels. */
  #seenLosses(sums: Readonly<Record<string, number>>, pieces: readonly LabelWeights[]) {
    const isPresent = (label: string) =>
      pieces.some((piece) => piece[label]!.data.some((weight) => weight > 0))
    const seen = Object.entries(this.#heads).filter(([, head]) => labelsOf(head).some(isPresent))
    return Object.fromEntries(seen.map(([name]) => [name, sums[`${name}Loss`]]))
  }

  /** The program of a step for these shapes, compiled when first asked for. */
  #step(arrays: Arrays, state: ModelState, kind: StepKind): Promise<CompiledStep> {
    const { accumulate, sampleLosses, lossScale } = kind
    const key = `${[accumulate, sampleLosses, lossScale !== undefined]} ${arrays.pixelValues!.shape} ${arrays.inputIds!.shape}`
    const step = this.#programs.get(key) ?? this.#compile(arrays, state, kind)
    this.#programs.set(key, step)
    return step
  }

  async #compile(arrays: Arrays, state: ModelState, kind: StepKind): Promise<CompiledStep> {
    const masks = new DropoutMasks()
    const options = { ...this.#options, heads: this.#heads, weights: this.#weights }
    const { loss, parts, samples } = policyLosses(this.model, arrays, options, masks.drop)
    const names = state.groups.filter(({ frozen }) => !frozen).flatMap(({ names }) => names)
    const flowing = gradients(
      loss,
      names.map((name) => this.parameters.get(name)!.tensor),
      lossScaleLeaf(kind),
    )
    const scalars = { loss, ...parts }
    const program = await ParameterProgram.create(state.engine, state.values, state.gradients, {
      parameters: new Map([...this.parameters].map(([name, { tensor }]) => [name, tensor])),
      outputs: { ...scalars, ...(kind.sampleLosses && { samples }) },
      gradients: new Map(names.map((name, i) => [name, flowing[i]!])),
      accumulate: kind.accumulate,
      precision: this.#options.precision ?? 'float32',
    })
    return { program, masks, scalars: Object.keys(scalars) }
  }
}

const feedsOf = (
  weights: LabelWeights,
  places: readonly number[],
  factors: Readonly<Record<string, number>>,
): Record<string, HostArray> => ({
  ...Object.fromEntries(
    Object.entries(weights).map(([label, array]) => [weightLeaf(label), placed(array, places)]),
  ),
  ...Object.fromEntries(Object.entries(factors).map(([name, value]) => [name, float32([], [value])])),
})

/** Weights of several tasks are worth a line; that of a single one is not. */
function logged(factors: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(factors)
  if (entries.length < 2) return {}
  return Object.fromEntries(entries.map(([name, value]) => [`${name.slice('factor:'.length)}Weight`, value]))
}

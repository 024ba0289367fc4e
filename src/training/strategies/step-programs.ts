import { ConfigError, type HostArray } from '../../core/index.ts'
import { type Arena, type DeviceTensor, ParameterProgram, type Precision } from '../../engine/index.ts'
import { gradientsOf, scalar, type Tensor, topologicalOrder } from '../../graph/index.ts'
import { type Drop, keepAll, type Parameter, withDropout } from '../../nn/index.ts'
import type { ModelState } from '../model-state.ts'
import { DropoutMasks } from './dropout-masks.ts'
import { Leaves, type Shapes } from './leaves.ts'

/** The graph of a program. */
export interface StepGraph {
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Gradients that flow in at these tensors and back into the parameters; default: none. */
  readonly flow?: readonly { readonly y: Tensor; readonly dy: Tensor }[]
  /** Add to the existing gradients, for one of several programs of a step. Default: replace them. */
  readonly accumulate?: boolean
}

/** A compiled graph of a step. */
export interface StepProgram {
  /** Names of the arrays that are its inputs. */
  readonly arrays: readonly string[]
  /**
   * @param arrays Arrays with at least the names of `arrays`.
   * @param path Path of the masks to draw: steps, and the place in the step.
   * @param further Arrays to feed beside the others and the masks.
   */
  run(
    arrays: Readonly<Record<string, HostArray>>,
    path: readonly (number | string)[],
    further?: Readonly<Record<string, HostArray>>,
  ): Promise<Readonly<Record<string, DeviceTensor>>>
}

export interface StepProgramsOptions {
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly precision?: Precision
  readonly seed?: number
}

interface Known extends StepProgram {
  readonly kind: string
  readonly leaves: Leaves
}

/**
 * The programs of a task, compiled when first needed: one for each kind and for the shapes of the arrays that it reads.
 */
export class StepPrograms {
  readonly #options: StepProgramsOptions
  readonly #known = new WeakMap<Arena, Known[]>()

  constructor(options: StepProgramsOptions) {
    this.#options = options
  }

  /**
   * The program of a kind for these arrays.
   * @param kind Name of the graph that `build` builds, with everything that it depends on beside the arrays.
   * @param drops Dropout is applied where the graph has it; default true.
   */
  find(
    kind: string,
    arrays: Shapes,
    state: ModelState,
    build: (leaves: Leaves) => StepGraph,
    drops = true,
  ): StepProgram {
    const known = this.#known.get(state.values) ?? []
    this.#known.set(state.values, known)
    const found = known.find((program) => program.kind === kind && program.leaves.fit(arrays))
    if (found) return found
    const masks = new DropoutMasks()
    const leaves = new Leaves(arrays, drops ? this.#dropWith(masks) : keepAll)
    const graph = withDropout(leaves.drop, () => build(leaves))
    const compiled = this.#compile(graph, state)
    const { names } = leaves
    const program: Known = {
      kind,
      leaves,
      arrays: names,
      run: async (arrays, path, further = {}) => {
        const fed = Object.fromEntries(names.map((name) => [name, arrays[name]!]))
        return (await compiled).run({ ...fed, ...masks.feeds(this.#options.seed ?? 0, path), ...further })
      },
    }
    known.push(program)
    return program
  }

  /** Build the graph of a loss for these arrays, and its gradients, without a program. */
  check(arrays: Shapes, build: (leaves: Leaves) => Tensor): void {
    const drop = this.#dropWith(new DropoutMasks())
    const loss = withDropout(drop, () => build(new Leaves(arrays, drop)))
    const leaves = Array.from(this.#options.parameters.values(), ({ tensor }) => tensor)
    gradientsOf([{ y: loss, dy: scalar(1) }], leaves)
  }

  #dropWith(masks: DropoutMasks): Drop {
    return (x, rate) => {
      if (rate === 0 || this.#options.seed !== undefined) return masks.drop(x, rate)
      const message = `the loss drops numbers at rate ${rate}; give the task a seed, by which it draws the masks`
      throw new ConfigError('training/no-seed', message, { rate })
    }
  }

  #compile({ outputs, flow = [], accumulate = false }: StepGraph, state: ModelState) {
    const { parameters, precision = 'float32' } = this.#options
    const trained = state.groups.filter(({ frozen }) => !frozen).flatMap(({ names }) => names)
    // What replaces gradients must set all of them; what adds to them leaves out those that would get zeros.
    const names = accumulate ? trained.filter(reachedBy(flow, parameters)) : trained
    const leaves = names.map((name) => parameters.get(name)!.tensor)
    const found = flow.length > 0 ? gradientsOf(flow, leaves).map((dy, i) => [names[i]!, dy] as const) : []
    return ParameterProgram.create(state.engine, state.values, state.gradients, {
      parameters: new Map([...parameters].map(([name, { tensor }]) => [name, tensor])),
      outputs,
      gradients: new Map(found),
      accumulate,
      precision,
    })
  }
}

/** Function that tells for a parameter if any source of the gradients depends on it. */
function reachedBy(flow: readonly { y: Tensor }[], parameters: ReadonlyMap<string, Parameter>) {
  const nodes = new Set(topologicalOrder(flow.map(({ y }) => y)))
  return (name: string): boolean => nodes.has(parameters.get(name)!.tensor.node)
}

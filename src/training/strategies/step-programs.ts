import { ConfigError, type HostArray } from '../../core/index.ts'
import { type Arena, type DeviceTensor, ParameterProgram, type Precision } from '../../engine/index.ts'
import { gradientsOf, scalar, shrink, type Tensor, topologicalOrder } from '../../graph/index.ts'
import { type Drop, keepAll, type Parameter, withDropout } from '../../nn/index.ts'
import { isTrained, type ModelState } from '../model-state.ts'
import { DropoutMasks, type MaskDraw } from './dropout-masks.ts'
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
   * @param draw Step and samples of the masks to draw.
   * @param further Arrays to feed beside the others and the masks.
   */
  run(
    arrays: Readonly<Record<string, HostArray>>,
    draw: MaskDraw,
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
  release(): void
}

/** The programs over one arena of values, for the groups that are trained now. */
interface KnownPrograms {
  readonly trained: string
  readonly programs: Known[]
}

/**
 * The programs of a task, compiled when first needed: one for each kind and for the shapes of the arrays that it reads.
 * When other parameters are trained than before, all are compiled again.
 */
export class StepPrograms {
  readonly #options: StepProgramsOptions
  readonly #known = new WeakMap<Arena, KnownPrograms>()

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
    const known = this.#knownTo(state)
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
      run: async (arrays, draw, further = {}) => {
        const fed = Object.fromEntries(names.map((name) => [name, arrays[name]!]))
        const feeds = { ...fed, ...masks.feeds(this.#options.seed ?? 0, draw), ...further }
        return (await compiled)?.run(feeds) ?? {}
      },
      release: () => void compiled.then((program) => program?.release()),
    }
    known.push(program)
    return program
  }

  /** Free the programs over these values. Those that are needed again are compiled again. */
  release({ values }: Pick<ModelState, 'values'>): void {
    for (const program of this.#known.get(values)?.programs ?? []) program.release()
    this.#known.delete(values)
  }

  #knownTo(state: ModelState): Known[] {
    const trained = state.groups.map((_, group) => isTrained(state, group)).join()
    const known = this.#known.get(state.values)
    if (known?.trained === trained) return known.programs
    this.release(state)
    const programs: Known[] = []
    this.#known.set(state.values, { trained, programs })
    return programs
  }

  /** Build the graph of a loss for these arrays, and its gradients, without a program. */
  check(arrays: Shapes, build: (leaves: Leaves) => Tensor): void {
    const drop = this.#dropWith(new DropoutMasks())
    const loss = withDropout(drop, () => build(new Leaves(arrays, drop)))
    const leaves = Array.from(this.#options.parameters.values(), ({ leaf }) => leaf)
    gradientsOf([{ y: loss, dy: scalar(1) }], leaves)
  }

  #dropWith(masks: DropoutMasks): Drop {
    return (x, rate) => {
      if (rate === 0 || this.#options.seed !== undefined) return masks.drop(x, rate)
      const message = `the loss drops numbers at rate ${rate}; give the task a seed, by which it draws the masks`
      throw new ConfigError('training/no-seed', message, { rate })
    }
  }

  /** The program of a graph; undefined for a graph that gives nothing, as where all features are of frozen towers. */
  async #compile(graph: StepGraph, state: ModelState) {
    const { outputs, flow, accumulate = false } = smaller(graph)
    const { parameters, precision = 'float32' } = this.#options
    const trained = state.groups.flatMap(({ names }, group) => (isTrained(state, group) ? names : []))
    // What replaces gradients must set all of them; what adds to them leaves out those that would get zeros, and those
    // that a sub-network does not have.
    const names = accumulate ? trained.filter(reachedBy(flow, parameters)) : trained
    const leaves = names.map((name) => parameters.get(name)!.leaf)
    const found = flow.length > 0 ? gradientsOf(flow, leaves).map((dy, i) => [names[i]!, dy] as const) : []
    if (found.length === 0 && Object.keys(outputs).length === 0) return undefined
    return ParameterProgram.create(state.engine, state.values, state.gradients, {
      parameters: new Map([...parameters].map(([name, { leaf }]) => [name, leaf])),
      outputs,
      gradients: new Map(found),
      accumulate,
      precision,
    })
  }
}

/** The graph over weights as they are stored; gradients are taken of it, so that they are of these sizes, too. */
function smaller({ outputs, flow = [], ...rest }: StepGraph): StepGraph & Required<Pick<StepGraph, 'flow'>> {
  const sources = Object.fromEntries(flow.map(({ y }, i) => [`flow:${i}`, y]))
  const shrunk: Readonly<Record<string, Tensor>> = shrink({ ...outputs, ...sources })
  return {
    ...rest,
    outputs: Object.fromEntries(Object.keys(outputs).map((name) => [name, shrunk[name]!])),
    flow: flow.map(({ dy }, i) => ({ y: shrunk[`flow:${i}`]!, dy })),
  }
}

/** Function that tells for a parameter if any source of the gradients depends on it. */
function reachedBy(flow: readonly { y: Tensor }[], parameters: ReadonlyMap<string, Parameter>) {
  const nodes = new Set(topologicalOrder(flow.map(({ y }) => y)))
  return (name: string): boolean => {
    const parameter = parameters.get(name)
    return parameter !== undefined && nodes.has(parameter.leaf.node)
  }
}

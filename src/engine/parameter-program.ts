import { input, type SymbolicSize, substitute, type Tensor } from '../graph/index.ts'
import type { Arena } from './arena.ts'
import type { DeviceTensor } from './device-tensor.ts'
import type { Engine, Precision } from './engine.ts'
import type { Feed } from './feed.ts'
import type { Program } from './program.ts'

export interface ParameterProgramOptions {
  /** The leaves that stand for the parameters, by name. */
  readonly parameters: ReadonlyMap<string, Tensor>
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Gradients to write into the gradient arena, by parameter name. */
  readonly gradients?: ReadonlyMap<string, Tensor>
  /** Add to the gradients that are there rather than replace them. */
  readonly accumulate?: boolean
  /** Precision of matrix products, forward and backward; default `float32`. */
  readonly precision?: Precision
  /** Sizes that may differ from run to run. */
  readonly symbolicSizes?: readonly SymbolicSize[]
}

const gradientName = (name: string) => `gradient:${name}`

/**
 * A graph over the parameters of a model, compiled so that it reads them from one arena and writes their
 * gradients to another. Views of host memory are fed and fetched; buffers of a device go in whole, and the
 * program cuts the parameters out of them and joins their gradients into them.
 */
export class ParameterProgram {
  readonly #program: Program
  readonly #binding: Binding

  private constructor(program: Program, binding: Binding) {
    this.#program = program
    this.#binding = binding
  }

  static async create(
    engine: Engine,
    values: Arena,
    gradients: Arena | undefined,
    options: ParameterProgramOptions,
  ): Promise<ParameterProgram> {
    const bind = engine.keepsBuffers ? bindVectors : bindViews
    const { outputs, binding } = bind(values, gradients, options)
    const program = await engine.compile(outputs, {
      precision: options.precision ?? 'float32',
      onDevice: Object.keys(outputs).filter((name) => name.startsWith('gradient:')),
      symbolicSizes: options.symbolicSizes ?? [],
    })
    return new ParameterProgram(program, binding)
  }

  /** Run on the batch in `feeds`; gradients land in their arena, the outputs are returned. */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Readonly<Record<string, DeviceTensor>>> {
    const { feeds: bound, into } = this.#binding.bind(this.#program.inputNames)
    const results = await this.#program.run({ ...bound, ...feeds }, into)
    this.#binding.receive(results)
    return results
  }

  async release(): Promise<void> {
    await this.#program.release()
  }
}

/** Meeting of a program and the arenas: what it is fed, where its gradients go. */
interface Binding {
  bind(inputNames: readonly string[]): {
    feeds: Readonly<Record<string, DeviceTensor>>
    into: Readonly<Record<string, DeviceTensor>>
  }
  receive(results: Readonly<Record<string, DeviceTensor>>): void
}

type Bound = { outputs: Readonly<Record<string, Tensor>>; binding: Binding }

/**
 * The gradients in the order of the parameters, that of the forward pass. ONNX Runtime computes what a program gives
 * out last first: a layer's gradients while its activations are at hand, and not after the whole backward pass.
 */
const inModelOrder = ({ parameters, gradients }: ParameterProgramOptions): [string, Tensor][] =>
  [...parameters.keys()].flatMap((name) => {
    const gradient = gradients?.get(name)
    return gradient ? [[name, gradient]] : []
  })

/** Bind in host memory: every parameter and every gradient is a view of its arena. */
function bindViews(values: Arena, gradients: Arena | undefined, options: ParameterProgramOptions): Bound {
  const { parameters, outputs, accumulate = false } = options
  const wanted = new Map(inModelOrder(options))
  const named = [...wanted].map(([name, gradient]) => {
    const previous = input(gradientName(name), gradient.shape)
    return [`${gradientName(name)}:next`, accumulate ? previous.add(gradient) : gradient] as const
  })
  const into = Object.fromEntries(
    [...wanted.keys()].map((name) => [`${gradientName(name)}:next`, gradients!.view(name)]),
  )
  const sources = new Map<string, () => DeviceTensor>()
  for (const name of parameters.keys()) sources.set(name, () => values.view(name))
  for (const name of wanted.keys()) sources.set(gradientName(name), () => gradients!.view(name))
  return {
    outputs: { ...outputs, ...Object.fromEntries(named) },
    binding: {
      bind: (inputNames) => ({ feeds: collect(inputNames, sources), into }),
      receive: () => {},
    },
  }
}

/** Bind on a device that keeps buffers: each group's vector is one input, and one output for its gradient. */
function bindVectors(values: Arena, gradients: Arena | undefined, options: ParameterProgramOptions): Bound {
  const { parameters, outputs, accumulate = false } = options
  const wanted = options.gradients ?? new Map<string, Tensor>()
  const sources = new Map<string, () => DeviceTensor>()
  const replacements = new Map<Tensor, Tensor>()
  const named: Record<string, Tensor> = {}
  const groupOf = new Map<string, number>()

  values.layout.forEach(({ entries, length }, group) => {
    const vector = input(`values:${group}`, [length])
    sources.set(`values:${group}`, () => values.vector(group))
    for (const { name, shape, offset, size } of entries) {
      const leaf = parameters.get(name)
      if (leaf) replacements.set(leaf, vector.slice(0, offset, offset + size).reshape(shape))
    }
    if (!entries.some(({ name }) => wanted.has(name))) return
    const parts = entries.map(
      ({ name, size }) => wanted.get(name)?.reshape([size]) ?? vector.scalar(0).expand([size]),
    )
    const fresh = parts[0]!.concat(parts.slice(1), 0)
    const previous = input(gradientName(`${group}`), [length])
    sources.set(gradientName(`${group}`), () => gradients!.vector(group))
    named[`${gradientName(`${group}`)}:next`] = accumulate ? previous.add(fresh) : fresh
    groupOf.set(`${gradientName(`${group}`)}:next`, group)
  })
  return {
    outputs: substitute({ ...outputs, ...named }, replacements),
    binding: {
      bind: (inputNames) => ({ feeds: collect(inputNames, sources), into: {} }),
      receive: (results) => {
        for (const [name, group] of groupOf) gradients!.replace(group, results[name]!)
      },
    },
  }
}

function collect(
  names: readonly string[],
  sources: ReadonlyMap<string, () => DeviceTensor>,
): Record<string, DeviceTensor> {
  const found: Record<string, DeviceTensor> = {}
  for (const name of names) {
    const source = sources.get(name)
    if (source) found[name] = source()
  }
  return found
}

import { type DType, EngineError, type Storage } from '../core/index.ts'
import type { OnnxGraph } from '../graph/index.ts'
import { Binding } from './c-api/binding.ts'
import { Session } from './c-api/session.ts'
import type { SessionOptions } from './c-api/session-options.ts'
import type { TensorType } from './c-api/tensor-type.ts'
import { DeviceTensor } from './device-tensor.ts'
import type { Feed } from './feed.ts'
import { InputSlot, OutputSlot } from './program-slots.ts'

export interface ProgramOptions extends SessionOptions {
  /** Outputs that stay on the device. */
  readonly onDevice?: readonly string[]
}

/** An input or an output of a program. */
export interface ProgramValue {
  readonly name: string
  readonly dtype: DType
  /** Undefined where a size is free. */
  readonly shape: readonly (number | undefined)[]
}

/** A compiled graph: an ONNX Runtime session with typed feeds. Runs are done one after the other. */
export class Program {
  readonly inputs: readonly ProgramValue[]
  readonly outputs: readonly ProgramValue[]
  /** Inputs that need not be fed: the file has values for them. */
  readonly optionalInputs: readonly ProgramValue[]
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly #binding: Binding
  readonly #inputs = new Map<string, InputSlot>()
  readonly #optional = new Map<string, InputSlot>()
  readonly #outputs = new Map<string, OutputSlot>()
  #released = false

  private constructor(session: Session, onDevice: readonly string[]) {
    this.#binding = new Binding(session)
    this.inputs = [...session.inputs].map(describedValue)
    this.outputs = [...session.outputs].map(describedValue)
    this.optionalInputs = [...session.optionalInputs].map(describedValue)
    this.inputNames = [...session.inputs.keys()]
    this.outputNames = [...session.outputs.keys()]
    for (const [name, type] of session.inputs) {
      this.#inputs.set(name, new InputSlot(this.#binding, name, type))
    }
    for (const [name, type] of session.optionalInputs) {
      this.#optional.set(name, new InputSlot(this.#binding, name, type))
    }
    for (const [name, type] of session.outputs) {
      this.#outputs.set(name, new OutputSlot(this.#binding, name, type, onDevice.includes(name)))
    }
  }

  /** The session that the program runs on, for this room. */
  get session(): Session {
    return this.#binding.session
  }

  /**
   * @param graph Its bytes are read on another thread, and must not change before the promise settles.
   * @throws EngineError `engine/compile` when ONNX Runtime refuses the graph, `engine/dtype` when an input or output has
   * a type that no array has.
   */
  static async create(graph: OnnxGraph | Uint8Array, options: ProgramOptions): Promise<Program> {
    const bytes = graph instanceof Uint8Array ? graph : graph.bytes
    try {
      return new Program(await Session.create(bytes, options), options.onDevice ?? [])
    } catch (cause) {
      if (cause instanceof EngineError) throw cause
      throw new EngineError(
        'engine/compile',
        `ONNX Runtime refused the graph: ${messageOf(cause)}`,
        {},
        { cause },
      )
    }
  }

  /**
   * Run once, on another thread; feeds must not change before the promise settles.
   * @param feeds A value for every input, by name; optional inputs may be left out, until they were fed once.
   * @param into Tensors that receive outputs in place; the other outputs come back freshly allocated.
   * @throws EngineError `engine/feed` when an input is missing or does not fit, `engine/run` when execution fails,
   * `engine/released` after {@link release}.
   */
  async run(
    feeds: Readonly<Record<string, Feed>>,
    into: Readonly<Record<string, DeviceTensor>> = {},
  ): Promise<Readonly<Record<string, DeviceTensor>>> {
    if (this.#released) throw new EngineError('engine/released', 'the program was released: compile it again')
    return this.#binding.session.alone(async () => {
      try {
        for (const [name, slot] of this.#inputs) slot.bind(fedTo(name, feeds))
        for (const [name, slot] of this.#optional)
          if (slot.isBound || Object.hasOwn(feeds, name)) slot.bind(fedTo(name, feeds))
        for (const [name, slot] of this.#outputs) slot.bind(into[name])
        await this.#binding.run()
      } catch (cause) {
        if (cause instanceof EngineError) throw cause
        throw new EngineError('engine/run', `ONNX Runtime failed: ${messageOf(cause)}`, {}, { cause })
      }
      return this.#results()
    })
  }

  /** Free the session, when the runs that were asked for are done. */
  async release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    await this.#binding.session.alone(async () => {
      this.#inputs.clear()
      this.#optional.clear()
      this.#outputs.clear()
    })
    this.#binding.release()
  }

  #results(): Record<string, DeviceTensor> {
    const slots = [...this.#outputs]
    const allocated = new Set(slots.filter(([, slot]) => slot.isAllocated).map(([name]) => name))
    const taken = allocated.size > 0 ? this.#binding.take(allocated) : undefined
    return Object.fromEntries(slots.map(([name, slot]) => [name, slot.result(taken?.get(name))]))
  }
}

/** @throws EngineError `engine/feed` when there is nothing of this name. */
function fedTo(name: string, feeds: Readonly<Record<string, unknown>>): unknown {
  const feed = feeds?.[name]
  if (feed !== undefined && feed !== null) return feed
  throw new EngineError(
    'engine/feed',
    `input '${name}' was not fed; given: ${Object.keys(feeds ?? {}).join(', ')}`,
    { input: name },
  )
}

const describedValue = ([name, { dtype, shape }]: readonly [string, TensorType]): ProgramValue => ({
  name,
  dtype,
  shape: shape.map((size) => (size < 0 ? undefined : size)),
})

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/**
 * A host array as a tensor, without a copy. Programs use it where it is when its memory is shared.
 * @throws EngineError `engine/feed` when the number of elements is another than that of the shape.
 */
export const toDevice = (value: Feed): DeviceTensor =>
  value instanceof DeviceTensor ? value : DeviceTensor.over(value)

/**
 * The values of a program's result.
 * @throws EngineError `engine/dtype` when it holds another type, `engine/location` when it stayed on the device.
 */
export async function toHost<D extends keyof Storage>(tensor: DeviceTensor, dtype: D): Promise<Storage[D]> {
  if (tensor.type === dtype) return tensor.data as Storage[D]
  throw new EngineError('engine/dtype', `expected ${dtype}, but the tensor holds ${tensor.type}`, { dtype })
}

/** The one number of a scalar output. */
export async function toNumber(tensor: DeviceTensor): Promise<number> {
  return (await toHost(tensor, 'float32'))[0]!
}

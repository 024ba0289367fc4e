import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { EngineError, type HostArray, type Storage } from '../core/index.ts'
import type { OnnxGraph } from '../graph/index.ts'
import { discard } from './discard.ts'

/** A value on the program's device: host memory on the CPU, a buffer of the GPU elsewhere. */
export type DeviceTensor = OrtTensor

export type Feed = HostArray | DeviceTensor

/** An input or an output of a program. */
export interface ProgramValue {
  readonly name: string
  /** As ONNX Runtime names it, `float32` or `int64` for example; undefined for what is no tensor. */
  readonly dtype: string | undefined
  /** Undefined where a size is free. */
  readonly shape: readonly (number | undefined)[]
}

/** A compiled graph: an ONNX Runtime session with typed feeds. */
export class Program {
  readonly inputs: readonly ProgramValue[]
  readonly outputs: readonly ProgramValue[]
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly #session: InferenceSession

  private constructor(session: InferenceSession) {
    this.#session = session
    this.inputNames = session.inputNames
    this.outputNames = session.outputNames
    this.inputs = session.inputMetadata.map(describedValue)
    this.outputs = session.outputMetadata.map(describedValue)
  }

  /** @throws EngineError `engine/compile` when ONNX Runtime refuses the graph. */
  static async create(
    graph: OnnxGraph | Uint8Array,
    options: InferenceSession.SessionOptions,
  ): Promise<Program> {
    const bytes = graph instanceof Uint8Array ? graph : graph.bytes
    try {
      return new Program(await InferenceSession.create(bytes, options))
    } catch (cause) {
      throw new EngineError(
        'engine/compile',
        `ONNX Runtime refused the graph: ${messageOf(cause)}`,
        {},
        { cause },
      )
    }
  }

  /**
   * Run once.
   * @param feeds A value for every input, by name.
   * @param into Tensors that receive outputs in place; the other outputs come back freshly allocated.
   * @throws EngineError `engine/feed` when an input is missing, `engine/run` when execution fails.
   */
  async run(
    feeds: Readonly<Record<string, Feed>>,
    into: Readonly<Record<string, DeviceTensor>> = {},
  ): Promise<Readonly<Record<string, DeviceTensor>>> {
    const values: Record<string, OrtTensor> = {}
    for (const name of this.inputNames) {
      const feed = feeds[name]
      if (!feed) {
        throw new EngineError(
          'engine/feed',
          `input '${name}' was not fed; given: ${Object.keys(feeds).join(', ')}`,
          {
            input: name,
          },
        )
      }
      values[name] = toDevice(feed)
    }
    const fetches: Record<string, OrtTensor | null> = {}
    for (const name of this.outputNames) fetches[name] = into[name] ?? null
    let results: Record<string, OrtTensor>
    try {
      results = (await this.#session.run(values, fetches)) as Record<string, OrtTensor>
    } catch (cause) {
      throw new EngineError('engine/run', `ONNX Runtime failed: ${messageOf(cause)}`, {}, { cause })
    }
    // They were written in place, and copied as well.
    for (const name of Object.keys(into)) discard(results[name]!)
    return { ...results, ...into }
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

function describedValue(metadata: InferenceSession.ValueMetadata): ProgramValue {
  if (!metadata.isTensor) return { name: metadata.name, dtype: undefined, shape: [] }
  const { name, type, shape } = metadata
  return { name, dtype: type, shape: shape.map((size) => (typeof size === 'number' ? size : undefined)) }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** A host array as ONNX Runtime takes it, without a copy. */
export function toDevice(value: Feed): DeviceTensor {
  if (value instanceof OrtTensor) return value
  const { dtype, data, shape } = value as HostArray
  return new OrtTensor(dtype, data as never, shape)
}

/**
 * The values of a program's result.
 * @throws EngineError `engine/dtype` when it holds another type, `engine/location` when it stayed on the device.
 */
export async function toHost<D extends keyof Storage>(tensor: DeviceTensor, dtype: D): Promise<Storage[D]> {
  if (tensor.type !== dtype) {
    throw new EngineError('engine/dtype', `expected ${dtype}, but the tensor holds ${tensor.type}`, { dtype })
  }
  // The tensor's own getData is not there in Node: it ends the process.
  if (tensor.location !== 'cpu') {
    throw new EngineError(
      'engine/location',
      `the value is a ${tensor.location}; leave its name out of onDevice, or use engine.download`,
      { location: tensor.location },
    )
  }
  return tensor.data as unknown as Storage[D]
}

/** The one number of a scalar output. */
export async function toNumber(tensor: DeviceTensor): Promise<number> {
  return (await toHost(tensor, 'float32'))[0]!
}

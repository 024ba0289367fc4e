import { env, type InferenceSession } from 'onnxruntime-node'
import {
  rewrite,
  rewriteForWebGpu,
  rewriteInHalfPrecision,
  type SymbolicSize,
  type Tensor,
  writeOnnx,
} from '../graph/index.ts'
import { type DeviceName, requireDevice } from './devices.ts'
import { Program } from './program.ts'
import { Transfer } from './transfer.ts'

export interface EngineOptions {
  /** Default `cpu`. */
  readonly device?: DeviceName
  /** Threads for one operation on the CPU; default: all cores. */
  readonly threads?: number
}

// Warnings about fallbacks and unused initializers would drown the progress line.
env.logLevel = 'error'

/** What matrix products are computed in; everything else, what they read and what they give is float32. */
export const precisions = ['float32', 'float16'] as const
export type Precision = (typeof precisions)[number]

export interface CompileOptions {
  /** Default `float32`. */
  readonly precision?: Precision
  /** Outputs that stay on the device, if it keeps buffers. */
  readonly onDevice?: readonly string[]
  /** Sizes that may differ from run to run. */
  readonly symbolicSizes?: readonly SymbolicSize[]
}

export interface LoadOptions {
  /** Outputs that stay on the device, if it keeps buffers. */
  readonly onDevice?: readonly string[]
  /**
   * Let ONNX Runtime fuse and fold the graph while it loads: for finished files, which are loaded once and run often.
   * Default false, as for graphs that are compiled.
   */
  readonly optimize?: boolean
}

/** Compiles graphs for one device. */
export class Engine {
  readonly device: DeviceName
  /**
   * Whether outputs can stay on the device and be fed to other programs. Of all devices Node's onnxruntime
   * hands out only WebGPU's buffers; on the others arenas are host memory, copied in and out where needed.
   */
  readonly keepsBuffers: boolean
  readonly #options: InferenceSession.SessionOptions
  #transfer: Promise<Transfer> | undefined

  constructor({ device = 'cpu', threads }: EngineOptions = {}) {
    this.device = requireDevice(device)
    this.keepsBuffers = this.device === 'webgpu'
    this.#options = {
      executionProviders: this.device === 'cpu' ? ['cpu'] : [this.device, 'cpu'],
      // Graphs come rewritten: ONNX Runtime's own passes make no step faster, and their time grows faster than
      // the depth of a model (2.2 of 3.1 seconds at 32 layers).
      graphOptimizationLevel: 'disabled',
      // The memory pattern planner doubled peak memory at the same speed (docs/engine.md).
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    }
  }

  /**
   * Turn the outputs of a graph into a program: rewritten, written as ONNX, loaded into a session.
   */
  async compile(
    outputs: Readonly<Record<string, Tensor>>,
    { precision = 'float32', onDevice = [], symbolicSizes = [] }: CompileOptions = {},
  ): Promise<Program> {
    const kernels = this.device === 'cpu' ? 'float32' : 'float16'
    const precise = precision === 'float32' ? outputs : rewriteInHalfPrecision(outputs, kernels)
    const rewritten = rewrite(precise)
    const graph = this.device === 'webgpu' ? rewriteForWebGpu(rewritten) : rewritten
    return this.load(writeOnnx(graph, { symbolicSizes }).bytes, { onDevice })
  }

  /** Load an ONNX file. @throws EngineError `engine/compile` when ONNX Runtime refuses it. */
  load(bytes: Uint8Array, { onDevice = [], optimize = false }: LoadOptions = {}): Promise<Program> {
    const stay = this.keepsBuffers ? onDevice : []
    return Program.create(bytes, {
      ...this.#options,
      ...(optimize && { graphOptimizationLevel: 'all' as const }),
      ...(stay.length > 0 && {
        preferredOutputLocation: Object.fromEntries(stay.map((name) => [name, 'gpu-buffer' as const])),
      }),
    })
  }

  /** Moves vectors between host memory and the device; compiled when first asked for. */
  transfer(): Promise<Transfer> {
    this.#transfer ??= Transfer.create(this)
    return this.#transfer
  }
}

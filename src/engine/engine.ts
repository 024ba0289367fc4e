import { availableParallelism } from 'node:os'
import {
  rewrite,
  rewriteForCpu,
  rewriteForWebGpu,
  rewriteInHalfPrecision,
  type SymbolicSize,
  shrink,
  type Tensor,
  unpackRows,
  writeOnnx,
} from '../graph/index.ts'
import type { SessionOptions } from './c-api/session-options.ts'
import { type DeviceName, requireDevice } from './devices.ts'
import { Program } from './program.ts'
import { Transfer } from './transfer.ts'

export interface EngineOptions {
  /** Default `cpu`. */
  readonly device?: DeviceName
  /** Threads for one operation on the CPU, and for updates; default: all cores. */
  readonly threads?: number
}

/** Types in which matrix products are computed; everything else, what they read and what they give is float32. */
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

/** Compiler of graphs for one device. */
export class Engine {
  readonly device: DeviceName
  /** Threads that update arenas. */
  readonly threads: number
  /**
   * True where outputs can stay on the device and be fed to other programs: on WebGPU. On the other devices arenas are
   * host memory, copied in and out where needed.
   */
  readonly keepsBuffers: boolean
  readonly #options: SessionOptions
  #transfer: Promise<Transfer> | undefined

  constructor({ device = 'cpu', threads }: EngineOptions = {}) {
    this.device = requireDevice(device)
    this.threads = threads ?? availableParallelism()
    this.keepsBuffers = this.device === 'webgpu'
    this.#options = { device: this.device, ...(threads !== undefined && { threads }) }
  }

  /**
   * Turn the outputs of a graph into a program: rewritten, written as ONNX, loaded into a session.
   */
  async compile(
    outputs: Readonly<Record<string, Tensor>>,
    { precision = 'float32', onDevice = [], symbolicSizes = [] }: CompileOptions = {},
  ): Promise<Program> {
    const small = shrink(outputs)
    const sized = this.device === 'cpu' ? small : unpackRows(small)
    const kernels = this.device === 'cpu' ? 'float32' : 'float16'
    const precise = precision === 'float32' ? sized : rewriteInHalfPrecision(sized, kernels)
    const graph = this.#forDevice(rewrite(precise))
    return this.load(writeOnnx(graph, { symbolicSizes }).bytes, { onDevice })
  }

  #forDevice(rewritten: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> {
    if (this.device === 'cpu') return rewriteForCpu(rewritten)
    return this.device === 'webgpu' ? rewriteForWebGpu(rewritten) : rewritten
  }

  /**
   * Load an ONNX file. `bytes` must not change before the promise settles.
   * @throws EngineError `engine/compile` when ONNX Runtime refuses it, `engine/dtype` when an input or output has a type
   * that no array has.
   */
  load(bytes: Uint8Array, { onDevice = [], optimize = false }: LoadOptions = {}): Promise<Program> {
    return Program.create(bytes, {
      ...this.#options,
      graphOptimizationLevel: optimize ? 'all' : 'disabled',
      onDevice: this.keepsBuffers ? onDevice : [],
    })
  }

  /** Mover of vectors between host memory and the device; compiled when first asked for. */
  transfer(): Promise<Transfer> {
    this.#transfer ??= Transfer.create(this)
    return this.#transfer
  }
}

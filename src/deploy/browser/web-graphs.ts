import { CheckpointError, ConfigError, type HostArray } from '../../core/index.ts'
import {
  missingWebGpu,
  type WebDevice,
  type WebRuntime,
  type WebRuntimes,
  type WebSession,
} from './web-runtime.ts'

/** Outputs of a graph, float32, each with its sizes. */
export type WebOutputs = Readonly<
  Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>
>

/** Graphs of a bundle that are ready to run in a browser. */
export class WebGraphs {
  /** Device that computes, which is not always the one that was asked for. */
  readonly device: WebDevice
  readonly #runtime: WebRuntime
  readonly #sessions: ReadonlyMap<string, WebSession>
  /** The run before; a runtime computes one after the other. */
  #before: Promise<unknown> = Promise.resolve()

  private constructor(device: WebDevice, runtime: WebRuntime, sessions: ReadonlyMap<string, WebSession>) {
    this.device = device
    this.#runtime = runtime
    this.#sessions = sessions
  }

  /**
   * Prepare graphs. Where WebGPU is asked for and not there, or refuses one of them, WebAssembly computes, and that is told.
   * @param files Bytes of the ONNX files by their paths in the bundle.
   * @param tried Run of each graph, which shows that the device computes.
   * @throws CheckpointError `bundle/onnx` naming the file that cannot be loaded; ConfigError `config/package` where
   * onnxruntime-web cannot be loaded.
   */
  static async load(
    files: ReadonlyMap<string, Uint8Array>,
    wanted: WebDevice,
    { runtimes, onNote }: { readonly runtimes: WebRuntimes; readonly onNote: (text: string) => void },
    tried: (graphs: WebGraphs) => Promise<unknown>,
  ): Promise<WebGraphs> {
    if (wanted === 'webgpu') {
      try {
        const reason = await missingWebGpu()
        if (reason !== undefined) throw new Error(reason)
        return await WebGraphs.#on('webgpu', files, runtimes, tried)
      } catch (cause) {
        onNote(`Computing by WebAssembly instead of WebGPU: ${(cause as Error).message}.`)
      }
    }
    return WebGraphs.#on('wasm', files, runtimes, tried)
  }

  static async #on(
    device: WebDevice,
    files: ReadonlyMap<string, Uint8Array>,
    runtimes: WebRuntimes,
    tried: (graphs: WebGraphs) => Promise<unknown>,
  ): Promise<WebGraphs> {
    const runtime = await runtimes[device]().catch((cause: Error) => {
      const message = `onnxruntime-web, which computes, cannot be loaded: ${cause.message}`
      throw new ConfigError('config/package', message, { package: 'onnxruntime-web' }, { cause })
    })
    const sessions = new Map<string, WebSession>()
    for (const [name, bytes] of files) {
      const loading = runtime.InferenceSession.create(bytes, { executionProviders: [device] })
      sessions.set(
        name,
        await loading.catch((cause: Error) => {
          throw unusable(name, cause)
        }),
      )
    }
    const graphs = new WebGraphs(device, runtime, sessions)
    await tried(graphs)
    return graphs
  }

  /**
   * Run a graph.
   * @param name Path of its file in the bundle.
   * @throws CheckpointError `bundle/onnx` naming the file, for a graph that does not take these inputs.
   */
  run(name: string, feeds: Readonly<Record<string, HostArray>>): Promise<WebOutputs> {
    const running = this.#before.then(() => this.#runNow(name, feeds))
    this.#before = running.catch(() => {})
    return running
  }

  async #runNow(name: string, feeds: Readonly<Record<string, HostArray>>): Promise<WebOutputs> {
    const { Tensor } = this.#runtime
    const tensors = Object.entries(feeds).map(([input, { dtype, shape, data }]) => {
      return [input, new Tensor(dtype as 'float32', data as Float32Array, shape)] as const
    })
    try {
      const results = await this.#sessions.get(name)!.run(Object.fromEntries(tensors))
      const outputs = Object.entries(results).map(([output, { data, dims }]) => {
        if (!(data instanceof Float32Array)) throw new Error(`its output ${output} is not float32`)
        return [output, { data, dims }] as const
      })
      return Object.fromEntries(outputs)
    } catch (cause) {
      throw unusable(name, cause as Error)
    }
  }

  /** Free the memory of all graphs, once the last run ended. */
  async release(): Promise<void> {
    await this.#before
    for (const session of this.#sessions.values()) await session.release()
  }
}

const unusable = (name: string, cause: Error): CheckpointError =>
  new CheckpointError(
    'bundle/onnx',
    `${name} of the bundle cannot be used: ${cause.message ?? String(cause)}. Export the model again`,
    { file: name },
    { cause },
  )

import { float32 } from '../core/index.ts'
import { input, symbolicPrimes } from '../graph/index.ts'
import type { Engine } from './engine.ts'
import { type DeviceTensor, type Program, toHost } from './program.ts'

/**
 * The way of float32 vectors to a device and home again. Node's onnxruntime can copy neither, but a program
 * can: what it is fed from the host it sends, and an output that need not stay comes home.
 */
export class Transfer {
  readonly #send: Program
  readonly #fetch: Program
  readonly #clear: Program

  private constructor(send: Program, fetch: Program, clear: Program) {
    this.#send = send
    this.#fetch = fetch
    this.#clear = clear
  }

  static async create(engine: Engine): Promise<Transfer> {
    const [prime] = symbolicPrimes
    const x = input('x', [prime])
    const symbolicSizes = [{ prime, name: 'length', input: x, axis: 0 }]
    const stay = { onDevice: ['y'], symbolicSizes }
    return new Transfer(
      await engine.compile({ y: x }, stay),
      await engine.compile({ y: x }, { symbolicSizes }),
      await engine.compile({ y: x.scalar(0).expand(x.shape) }, stay),
    )
  }

  async upload(values: Float32Array): Promise<DeviceTensor> {
    return (await this.#send.run({ x: float32([values.length], values) })).y!
  }

  async download(vector: DeviceTensor): Promise<Float32Array> {
    return toHost((await this.#fetch.run({ x: vector })).y!, 'float32')
  }

  async zerosLike(vector: DeviceTensor): Promise<DeviceTensor> {
    return (await this.#clear.run({ x: vector })).y!
  }
}

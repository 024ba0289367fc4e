import { input, symbolicPrimes } from '../graph/index.ts'
import { ortEnvironment } from './c-api/environment.ts'
import { ort } from './c-api/functions.ts'
import { Value } from './c-api/value.ts'
import { type DeviceTensor, deviceValue, onDevice } from './device-tensor.ts'
import type { Engine } from './engine.ts'
import type { Program } from './program.ts'

/** The way of float32 vectors to a device and home again. */
export class Transfer {
  readonly #clear: Program

  private constructor(clear: Program) {
    this.#clear = clear
  }

  static async create(engine: Engine): Promise<Transfer> {
    const [prime] = symbolicPrimes
    const x = input('x', [prime])
    const symbolicSizes = [{ prime, name: 'length', input: x, axis: 0 }]
    return new Transfer(
      await engine.compile({ y: x.scalar(0).expand(x.shape) }, { onDevice: ['y'], symbolicSizes }),
    )
  }

  /** @param values Must not change before the promise settles. */
  async upload(values: Float32Array): Promise<DeviceTensor> {
    const vector = Value.onDevice(this.#clear.session, values.length)
    await this.#copy(Value.over(values, 'float32', [values.length]), vector)
    return onDevice(vector)
  }

  async download(vector: DeviceTensor): Promise<Float32Array> {
    const values = new Float32Array(vector.dims[0]!)
    await this.#copy(deviceValue(vector)!, Value.over(values, 'float32', vector.dims))
    return values
  }

  async zerosLike(vector: DeviceTensor): Promise<DeviceTensor> {
    return (await this.#clear.run({ x: vector })).y!
  }

  #copy(source: Value, target: Value): Promise<void> {
    return this.#clear.session.alone(async () => {
      const [from, to] = [BigUint64Array.of(source.pointer), BigUint64Array.of(target.pointer)]
      await ort().CopyTensors.later(ortEnvironment(), from, to, null, 1)
      for (const value of [source, target]) if (value.memory) value.release()
    })
  }
}

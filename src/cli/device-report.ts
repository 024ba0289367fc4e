import { float32 } from '../core/index.ts'
import { type DeviceName, Engine, toHost } from '../engine/index.ts'
import { input } from '../graph/index.ts'

/** Side of the square matrices that are multiplied. */
const side = 512

/** Limits of the measurement: no new round begins after `longest` seconds, which a software device needs for one. */
const rounds = { most: 20, longest: 0.5 }

/** A device that has an execution provider here; only use shows if it works. */
export interface DeviceReport {
  readonly name: DeviceName
  /** Billions of floating-point operations a second in a product of matrices, sent there and back. */
  readonly gflops?: number
  /** Reason why the device does not work. */
  readonly problem?: string
}

/** Measure a device, or find out why it does not work. */
export async function reportOf(name: DeviceName): Promise<DeviceReport> {
  try {
    return { name, gflops: await measure(name) }
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The fastest of several matrix products. */
async function measure(device: DeviceName): Promise<number> {
  const shape = [side, side]
  const program = await new Engine({ device }).compile({ y: input('a', shape).matmul(input('b', shape)) })
  const matrix = float32(shape, new Float32Array(side * side).fill(1))
  const begin = performance.now()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds.most && secondsSince(begin) < rounds.longest; round++) {
    const start = performance.now()
    const { y } = await program.run({ a: matrix, b: matrix })
    const [first] = await toHost(y!, 'float32')
    best = Math.min(best, secondsSince(start))
    if (first !== side) throw new Error(`a product of matrices is wrong there: ${first} instead of ${side}`)
  }
  await program.release()
  return (2 * side ** 3) / best / 1e9
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000

/** Message without the source location and condition that ONNX Runtime begins its messages with. */
export const withoutPlace = (message: string): string => message.replace(/^.* was false\. /s, '')

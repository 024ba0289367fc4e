import { float32 } from '../../core/index.ts'
import { Engine, type Program, toDevice } from '../../engine/index.ts'
import { input } from '../../graph/index.ts'
import type { BlockProducts } from '../../metrics/index.ts'

/** Rows of a block: 16 MiB of products. */
const usualSide = 2048

/**
 * Products of blocks of unit vectors by the engine, on the CPU. Programs are compiled when they are first needed.
 * @param width Numbers of a vector.
 * @param options `threads`: default all cores; `side`: default 2048.
 */
export function blockProducts(
  width: number,
  { threads, side = usualSide }: { readonly threads?: number | undefined; readonly side?: number } = {},
): BlockProducts {
  const engine = new Engine(threads === undefined ? {} : { threads })
  const shape = [side, width] as const
  const product = () => input('left', shape).matmul(input('right', shape), { transposeB: true })
  const programs: { similarities?: Promise<Program>; potentials?: Promise<Program> } = {}
  const memory = (size: number) => new Float32Array(new SharedArrayBuffer(4 * size))
  const sums = memory(side)
  let matrix: Float32Array | undefined // only retrieval needs it
  return {
    side,
    async similarities(left, right) {
      programs.similarities ??= engine.compile({ y: product() })
      matrix ??= memory(side * side)
      const program = await programs.similarities
      const y = toDevice(float32([side, side], matrix))
      await program.run({ left: float32(shape, left), right: float32(shape, right) }, { y })
      return matrix
    },
    async potentials(left, right, weights) {
      programs.potentials ??= engine.compile({
        y: product()
          .sub(1)
          .mul(4)
          .exp()
          .matmul(input('weights', [side, 1])),
      })
      const program = await programs.potentials
      const y = toDevice(float32([side, 1], sums))
      await program.run(
        { left: float32(shape, left), right: float32(shape, right), weights: float32([side, 1], weights) },
        { y },
      )
      return sums
    },
  }
}

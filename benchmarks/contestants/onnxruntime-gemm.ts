import { float32, random, sizeOf } from '../../src/core/index.ts'
import { Engine, type Program } from '../../src/engine/index.ts'
import { input } from '../../src/graph/index.ts'
import type { MatrixProduct } from '../floating-point-operations.ts'
import { serve, task, timed } from './serve.ts'

/** The speed of ONNX Runtime's float32 Gemm on given shapes. */
const { products } = task<{ products: readonly MatrixProduct[] }>()
const engine = new Engine()
const runs: (() => ReturnType<Program['run']>)[] = []
for (const product of products) runs.push(await prepare(product))
await serve<{ runs: number }>({}, async ({ runs: count }) => {
  const milliseconds: number[][] = []
  for (const run of runs) milliseconds.push(await timed(count, run))
  return { milliseconds }
})

async function prepare({ rows, inner, columns, transposeA, transposeB }: MatrixProduct) {
  const a = input('a', transposeA ? [inner, rows] : [rows, inner])
  const b = input('b', transposeB ? [columns, inner] : [inner, columns])
  // One element of the product is fetched: the copy of all of it is no part of the Gemm.
  const corner = a.gemm(b, undefined, { transposeA, transposeB }).slice(0, 0, 1).slice(1, 0, 1)
  const program = await engine.compile({ corner })
  const noise = random(0)
  const values = (size: number) => Float32Array.from({ length: size }, () => noise.uniform(-1, 1))
  const feeds = {
    a: float32(a.shape, values(sizeOf(a.shape))),
    b: float32(b.shape, values(sizeOf(b.shape))),
  }
  return () => program.run(feeds)
}

import { float32, type Shape, sameShape, sizeOf } from '../core/index.ts'
import { input, rewrite, symbolicPrimes, type Tensor } from '../graph/index.ts'
import type { Arena } from './arena.ts'
import { loopOverGroup } from './arena-loop.ts'
import type { DeviceTensor } from './device-tensor.ts'
import { compileLoop } from './elementwise-loop.ts'
import type { Engine } from './engine.ts'
import { type Program, toDevice, toNumber } from './program.ts'

/** Placeholder for the length of a vector while the graph is built. */
const [prime] = symbolicPrimes

/** An output's name: the arena's own is the input's. */
const next = (name: string): string => `${name}:next`

/** Change of the given group of every arena. @returns The sums of the scalar results. */
type Run = (
  arenas: Readonly<Record<string, Arena>>,
  group: number,
  scalars: Readonly<Record<string, number>>,
) => Promise<Readonly<Record<string, number>>>

/**
 * A computation over arenas: an optimizer's update, an average, a norm.
 *
 * `build` sees one vector of each arena and each scalar by name. What it returns under an arena's name replaces that
 * vector; a scalar it returns is a sum. In host memory elementwise formulas become a loop; on devices that keep
 * buffers, and for rules that see matrices, they become programs of ONNX Runtime.
 */
export class ArenaProgram {
  readonly #run: Run

  private constructor(run: Run) {
    this.#run = run
  }

  /** @param length That of the one group it is for, when `build` must know it. */
  static async create(
    engine: Engine,
    vectors: readonly string[],
    scalars: readonly string[],
    build: (state: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
    length: number = prime,
  ): Promise<ArenaProgram> {
    const leaves = Object.fromEntries(vectors.map((name) => [name, input(name, [length])]))
    const numbers = Object.fromEntries(scalars.map((name) => [name, input(name, [])]))
    const results = rewrite(build({ ...leaves, ...numbers }))
    const loop = engine.keepsBuffers ? undefined : compileLoop(vectors, results)
    if (loop) {
      return new ArenaProgram((arenas, group, numbers) =>
        loopOverGroup(loop, arenas, group, numbers, engine.threads),
      )
    }
    const free = { prime, name: 'length', input: leaves[vectors[0]!]!, axis: 0 }
    const outputs = Object.entries(results).map(([name, tensor]) => [next(name), tensor] as const)
    const program = await engine.compile(Object.fromEntries(outputs), {
      onDevice: vectors.filter((name) => name in results).map(next),
      symbolicSizes: length === prime ? [free] : [],
    })
    return new ArenaProgram(runProgram(vectors, Object.keys(results), program))
  }

  /** Run over the given group of every arena. @returns The sums of the scalar results. */
  run(
    arenas: Readonly<Record<string, Arena>>,
    group: number,
    scalars: Readonly<Record<string, number>> = {},
  ): Promise<Readonly<Record<string, number>>> {
    const [first] = Object.values(arenas)
    return first!.layout[group]!.length === 0 ? Promise.resolve({}) : this.#run(arenas, group, scalars)
  }
}

const runProgram = (vectors: readonly string[], names: readonly string[], program: Program): Run => {
  let places: Readonly<Record<string, DeviceTensor>> = {}
  const changed = names.filter((name) => vectors.includes(name))
  return async (arenas, group, scalars) => {
    const feeds: Record<string, DeviceTensor> = {}
    for (const name of vectors) feeds[name] = arenas[name]!.vector(group)
    const numbers = Object.entries(scalars).map(([name, value]) => [name, float32([], [value])] as const)
    const [first] = vectors.map((name) => feeds[name]!)
    // Results in host memory cannot go where they belong at once: what is there may still be read.
    if (first!.location === 'cpu') places = placesOf(changed, first!.dims, places)
    const results = await program.run({ ...feeds, ...Object.fromEntries(numbers) }, places)
    const sums: Record<string, number> = {}
    for (const name of names) {
      const result = results[next(name)]!
      if (vectors.includes(name)) arenas[name]!.replace(group, result)
      else sums[name] = await toNumber(result)
    }
    return sums
  }
}

/** Memory for results of a shape: that of the run before, where it fits. */
function placesOf(
  names: readonly string[],
  dims: Shape,
  before: Readonly<Record<string, DeviceTensor>>,
): Readonly<Record<string, DeviceTensor>> {
  const [first] = Object.values(before)
  if (first && sameShape(first.dims, dims)) return before
  return Object.fromEntries(
    names.map((name) => {
      const memory = new Float32Array(new SharedArrayBuffer(4 * sizeOf(dims)))
      return [next(name), toDevice(float32(dims, memory))]
    }),
  )
}

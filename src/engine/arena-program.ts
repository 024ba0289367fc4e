import { float32 } from '../core/index.ts'
import { input, type Node, rewrite, symbolicPrimes, type Tensor, topologicalOrder } from '../graph/index.ts'
import type { Arena } from './arena.ts'
import type { Engine } from './engine.ts'
import { type DeviceTensor, type Program, toNumber } from './program.ts'

/** 1 MiB of float32: a few of these stay in the cache of one core. */
const chunkLength = 2 ** 18

/** Stands for the length of a chunk while the graph is built. */
const [prime] = symbolicPrimes

/**
 * An elementwise computation over arenas: an optimizer's update, an average, a norm.
 *
 * `build` sees one chunk of each arena as a vector and each scalar by name. What it returns under an arena's
 * name replaces that chunk; a scalar it returns is summed over the chunks.
 */
export class ArenaProgram {
  readonly #program: Program
  readonly #vectors: readonly string[]
  readonly #written: readonly string[]
  readonly #inPlace: ReadonlySet<string>
  readonly #chunk: number

  private constructor(
    program: Program,
    vectors: readonly string[],
    written: readonly string[],
    inPlace: ReadonlySet<string>,
    chunk: number,
  ) {
    this.#program = program
    this.#vectors = vectors
    this.#written = written
    this.#inPlace = inPlace
    this.#chunk = chunk
  }

  /** @param length That of the one group it is for, when `build` must see a group's vector whole. */
  static async create(
    engine: Engine,
    vectors: readonly string[],
    scalars: readonly string[],
    build: (state: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
    length?: number,
  ): Promise<ArenaProgram> {
    const chunks = Object.fromEntries(vectors.map((name) => [name, input(name, [length ?? prime])]))
    const numbers = Object.fromEntries(scalars.map((name) => [name, input(name, [])]))
    // Rewritten here already, so that `writesLast` sees the nodes that will run.
    const results = rewrite(build({ ...chunks, ...numbers }))
    const written = Object.keys(results).filter((name) => name in chunks)
    const outputs = Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [`${name}:next`, tensor]),
    )
    const program = await engine.compile(outputs, {
      onDevice: written.map((name) => `${name}:next`),
      symbolicSizes: [{ prime, name: 'length', input: chunks[vectors[0]!]!, axis: 0 }],
    })
    const safe = written.filter(
      (name) => !engine.keepsBuffers && writesLast(chunks[name]!, results[name]!, results),
    )
    const chunk = length ?? (engine.keepsBuffers ? Number.POSITIVE_INFINITY : chunkLength)
    return new ArenaProgram(program, vectors, written, new Set(safe), chunk)
  }

  /** Run over the given group of every arena. @returns The sums of the scalar results. */
  async run(
    arenas: Readonly<Record<string, Arena>>,
    group: number,
    scalars: Readonly<Record<string, number>> = {},
  ): Promise<Readonly<Record<string, number>>> {
    const first = arenas[this.#vectors[0]!]!
    const { length } = first.layout[group]!
    const numbers = Object.fromEntries(
      Object.entries(scalars).map(([name, value]) => [name, float32([], [value])]),
    )
    const sums: Record<string, number> = {}
    const onHost = first.vector(group).location === 'cpu'
    for (let start = 0; start < length; start += this.#chunk) {
      const end = Math.min(start + this.#chunk, length)
      const chunks: Record<string, DeviceTensor> = {}
      for (const name of this.#vectors) {
        chunks[name] = onHost ? arenas[name]!.part(group, start, end) : arenas[name]!.vector(group)
      }
      const into = [...this.#inPlace].map((name) => [`${name}:next`, chunks[name]!])
      const results = await this.#program.run({ ...chunks, ...numbers }, Object.fromEntries(into))
      for (const [key, result] of Object.entries(results)) {
        const name = key.slice(0, -':next'.length)
        if (!this.#written.includes(name)) sums[name] = (sums[name] ?? 0) + (await toNumber(result))
        else if (!onHost) arenas[name]!.replace(group, result)
        else if (!this.#inPlace.has(name))
          (chunks[name]!.data as Float32Array).set(result.data as Float32Array)
      }
    }
    return sums
  }
}

/**
 * Whether `result` may be written over `chunk` while the program runs: everything that reads the chunk must
 * come before the node that makes the result, in any order ONNX Runtime may choose.
 */
function writesLast(chunk: Tensor, result: Tensor, results: Readonly<Record<string, Tensor>>): boolean {
  const before = new Set<Node>(topologicalOrder([result]))
  // An output that is the chunk itself is copied by a node that the graph does not show.
  if (result !== chunk && Object.values(results).includes(chunk)) return false
  return topologicalOrder(Object.values(results))
    .filter((node) => node.inputs.includes(chunk))
    .every((node) => before.has(node))
}

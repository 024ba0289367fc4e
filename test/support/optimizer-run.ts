import { float32 } from '../../src/core/index.ts'
import { Arena, ArenaProgram, arenaLayout, Engine } from '../../src/engine/index.ts'
import type { Optimizer } from '../../src/optim/index.ts'

const engine = new Engine({ threads: 1 })

export interface OptimizerRun {
  /** The value after each step. */
  readonly values: readonly Float32Array[]
  /** The moments after the last. */
  readonly moments: Readonly<Record<string, Float32Array>>
}

/**
 * Updates of one vector in place, as the trainer makes them: `gradients[i]` leads to `values[i]`.
 * @param rates Learning rate of each step; default: the optimizer's.
 */
export async function runOptimizer(
  optimizer: Optimizer,
  initial: ArrayLike<number>,
  gradients: readonly ArrayLike<number>[],
  rates?: readonly number[],
): Promise<OptimizerRun> {
  const shape = [initial.length]
  const vectors = ['value', 'gradient', ...optimizer.moments]
  const scalars = ['learningRate', 'weightDecay', ...Object.keys(optimizer.scalars(1))]
  const program = await ArenaProgram.create(engine, vectors, scalars, (state) => optimizer.update(state))
  const arenas: Record<string, Arena> = {}
  const layout = arenaLayout([[{ name: 'parameter', shape }]])
  for (const name of vectors) arenas[name] = await Arena.create(engine, layout)
  const write = (name: string, data: ArrayLike<number>) =>
    arenas[name]!.write(new Map([['parameter', float32(shape, data)]]))
  const read = async (name: string) => (await arenas[name]!.read()).get('parameter')!.data.slice()

  await write('value', initial)
  const values: Float32Array[] = []
  for (const [index, gradient] of gradients.entries()) {
    await write('gradient', gradient)
    const { weightDecay } = optimizer
    const learningRate = rates?.[index] ?? optimizer.learningRate
    await program.run(arenas, 0, { ...optimizer.scalars(index + 1), learningRate, weightDecay })
    values.push(await read('value'))
  }
  const moments: Record<string, Float32Array> = {}
  for (const name of optimizer.moments) moments[name] = await read(name)
  return { values, moments }
}

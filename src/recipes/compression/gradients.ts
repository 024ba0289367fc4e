import type { Batch, HostArray } from '../../core/index.ts'
import { float32 } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { Engine } from '../../engine/index.ts'
import { sgd } from '../../optim/index.ts'
import { alone, prepareTraining } from '../../training/index.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { WorkbenchOptions } from './workbench.ts'

/**
 * Mean gradients of the objective's loss over samples, by parameter name. Nothing is trained, and no teacher is asked.
 * @throws Errors of the objective's task for samples that cannot teach it.
 */
export async function calibrationGradients(
  { model, weights }: Bundle,
  batches: AsyncIterable<Batch>,
  { judge, seed, threads }: Pick<WorkbenchOptions, 'judge' | 'seed' | 'threads'>,
): Promise<ReadonlyMap<string, HostArray<'float32'>>> {
  const task = judge.objective.task(model, recipeOf(judge, seed), { totalSteps: 1 })
  const values = new Map([...weights].filter(([name]) => task.parameters.has(name)))
  const { state } = await prepareTraining({
    task,
    engine: new Engine(threads === undefined ? {} : { threads }),
    optimizer: sgd({}),
    seed,
    values,
  })
  const sums = new Map([...values].map(([name, { data }]) => [name, new Float64Array(data.length)]))
  let count = 0
  for await (const batch of batches) {
    await task.computeGradients([batch], state, alone)
    count += batch.ids.length
    for (const [name, { data }] of await state.gradients.read()) {
      const sum = sums.get(name)
      if (sum) for (let i = 0; i < data.length; i++) sum[i]! += data[i]! * batch.ids.length
    }
  }
  task.release?.(state)
  return new Map(
    [...sums].map(([name, sum]) => [
      name,
      float32(
        values.get(name)!.shape,
        Float32Array.from(sum, (value) => value / count),
      ),
    ]),
  )
}

/** The recipe of a run for its task; of a folder the part that tasks read. */
function recipeOf({ recipe, options }: WorkbenchOptions['judge'], seed: number): Recipe {
  const { lora: _, distillation: __, ...own } = recipe ?? ({ objective: options } as Recipe)
  return { ...own, seed, machine: { ...own.machine, precision: 'float32', recompute: false } } as Recipe
}

import { type Batch, type HostArray, hostArray, joinRows, splitRows } from '../../core/index.ts'
import { ParameterProgram, toHost } from '../../engine/index.ts'
import { input, producer, type Tensor, topologicalOrder } from '../../graph/index.ts'
import { isDualEncoder, type Model, type ProjectsTexts, projectsTexts } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import type { ModelState } from '../model-state.ts'
import type { OutputsOf } from '../outputs/with-outputs.ts'

/** Name of the array with the pooled texts: what the text tower makes of them, before the projection. */
export const pooledTextsName = 'pooledTexts'

/**
 * Outputs of a frozen text tower whose projection learns: `pooledTexts` [batch, width] of `inputIds`. Each distinct text
 * is computed once, alone, so that its values depend on nothing else in its batch and a resumed run has the same.
 * @returns Undefined for a model without such a seam, or with a tower that is trained.
 */
export function pooledTexts(model: Model, state: ModelState): OutputsOf | undefined {
  if (!isDualEncoder(model) || !projectsTexts(model) || !isFrozen(model, state)) return undefined
  const known = new Map<string, Float32Array>()
  let program: Promise<ParameterProgram> | undefined
  const compute = async (row: BigInt64Array): Promise<Float32Array> => {
    program ??= towerProgram(model, state, row.length)
    const inputIds = hostArray('int64', [1, row.length], row.slice())
    const { pooled } = await (await program).run({ inputIds })
    return Float32Array.from(await toHost(pooled!, 'float32'))
  }
  return async ({ ids, arrays }: Batch) => {
    const texts = splitRows((arrays.inputIds as HostArray<'int64'>).data, ids.length)
    const rows: Float32Array[] = []
    for (const text of texts) {
      const key = text.join()
      const row = known.get(key) ?? (await compute(text))
      known.set(key, row)
      rows.push(row)
    }
    const data = joinRows(rows)
    return { [pooledTextsName]: hostArray('float32', [ids.length, data.length / ids.length], data) }
  }
}

function towerProgram(model: ProjectsTexts, state: ModelState, length: number): Promise<ParameterProgram> {
  const parameters = new Map([...namedParameters(model)].map(([name, { tensor }]) => [name, tensor]))
  const outputs = { pooled: pooledOf(model, length) }
  return ParameterProgram.create(state.engine, state.values, undefined, { parameters, outputs })
}

const pooledOf = (model: ProjectsTexts, length: number): Tensor =>
  model.poolText(input('inputIds', [1, length], 'int64'))

/** Tell if no parameter that the pooled texts depend on is trained. */
function isFrozen(model: ProjectsTexts, { groups }: ModelState): boolean {
  const trained = new Set(
    groups.flatMap(({ frozenEpochs, names }) => (frozenEpochs === Number.POSITIVE_INFINITY ? [] : names)),
  )
  const leaves = topologicalOrder([pooledOf(model, model.inputs.text.length)])
  return !leaves.some(({ outputs: [y] }) => trained.has(producer(y, 'input')?.attributes.name ?? ''))
}

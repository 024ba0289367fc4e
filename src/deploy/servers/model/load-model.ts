import {
  isCaptioner,
  isChunkPolicy,
  isDualEncoder,
  isMaskedModel,
  isPolicy,
  type Model,
} from '../../../models/index.ts'
import type { ModelDescription } from '../../bundle.ts'
import type { RuntimeOptions } from '../../load-graphs.ts'
import { readModelDescription } from '../../read-bundle.ts'
import { dualEncoderWork, languageWork } from './dual-encoder-work.ts'
import { type Compute, graphWork, type ModelWork } from './graph-work.ts'
import type { Batch, GraphDescription, Outcome } from './lanes.ts'
import { chunkPolicyWork, policyWork } from './policy-work.ts'

/** A model in this process, and what can be asked of it. */
export interface LoadedModel {
  readonly graphs: readonly GraphDescription[]
  run(batch: Batch): Promise<readonly Outcome[]>
}

/**
 * Load the model of a bundle, a run or a folder of Hugging Face for the work of a server.
 * @throws Errors of `PolicyRuntime.load` and `DualEncoderRuntime.load`.
 */
export async function loadModel(directory: string, options: RuntimeOptions): Promise<LoadedModel> {
  const description = readModelDescription(directory, options)
  const parts: ModelWork[] = []
  for (const load of worksOf(description.model)) parts.push(await load(directory, description, options))
  const lanes: ModelWork['lanes'] = Object.assign({}, ...parts.map((part) => part.lanes))
  return {
    graphs: parts.flatMap(({ graphs }) => graphs),
    run: ({ lane, items }) => settle(lanes[lane] as Compute, items as readonly never[]),
  }
}

type Load = (directory: string, description: ModelDescription, options: RuntimeOptions) => Promise<ModelWork>

/** The kinds of work of a model; a model that is nothing known has that of its graphs. */
function worksOf(model: Model): readonly Load[] {
  if (isPolicy(model)) return [policyWork]
  if (isChunkPolicy(model)) return [chunkPolicyWork]
  if (!isDualEncoder(model)) return [graphWork]
  return isCaptioner(model) || isMaskedModel(model) ? [dualEncoderWork, languageWork] : [dualEncoderWork]
}

/** Answers to all items; where they fail together, each alone, so that one bad item is the error of no other. */
async function settle(compute: Compute, items: readonly never[]): Promise<readonly Outcome[]> {
  try {
    return (await compute(items)).map((answer) => ({ answer }))
  } catch (error) {
    if (items.length === 1) return [{ error }]
    const outcomes: Outcome[] = []
    for (const item of items) outcomes.push(...(await settle(compute, [item])))
    return outcomes
  }
}

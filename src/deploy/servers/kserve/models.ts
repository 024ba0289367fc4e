import type { HostArray } from '../../../core/index.ts'
import { isDualEncoder } from '../../../models/index.ts'
import type { Serving } from '../serving.ts'
import type { ByteStrings } from './byte-strings.ts'
import type { Datatype, Values } from './datatypes.ts'
import { graphModel } from './graph-model.ts'
import { actInChunksModel, actModel, captionModel, imageModel, textModel } from './prepared-models.ts'

/** An input or output of a model; −1 is a free size. */
export interface TensorDescription {
  readonly name: string
  readonly datatype: Datatype | 'BYTES'
  readonly shape: readonly number[]
}

/** A tensor of a request: numbers, or the elements of BYTES. */
export type GivenTensor = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly datatype: Datatype; readonly values: Values }
  | { readonly datatype: 'BYTES'; readonly elements: readonly Uint8Array[] }
)

/** A model of KServe's protocol. */
export interface KserveModel {
  readonly name: string
  readonly platform: string
  readonly inputs: readonly TensorDescription[]
  readonly outputs: readonly TensorDescription[]
  /** @throws RequestError `serve/tensor`, `serve/not-finite`, `serve/image`; errors of the pool. */
  infer(
    tensors: ReadonlyMap<string, GivenTensor>,
  ): Promise<readonly (readonly [string, HostArray | ByteStrings])[]>
}

/**
 * Models that a server offers: each graph, whose inputs the client prepares; and models that take images' files and texts
 * as BYTES, which the server prepares.
 */
export function kserveModels(serving: Serving): readonly KserveModel[] {
  const { pool, policy, chunkPolicy, description, hasCaptions } = serving.model
  const graphs = pool.graphs.map((graph) => graphModel(graph, serving))
  if (policy) return [...graphs, actModel(policy, serving)]
  if (chunkPolicy) return [...graphs, actInChunksModel(chunkPolicy, serving)]
  if (!isDualEncoder(description.model)) return graphs
  return [...graphs, imageModel(serving), textModel(serving), ...(hasCaptions ? [captionModel(serving)] : [])]
}

import { textKnowledge } from '../../data/text/index.ts'
import {
  type ChunkPolicyConfig,
  headLabels,
  isCaptioner,
  isChunkPolicy,
  isDualEncoder,
  isPolicy,
  type Policy,
} from '../../models/index.ts'
import { positionCheck } from '../acting/position-check.ts'
import type { ModelDescription } from '../bundle.ts'
import type { LogitTerms } from '../logit-scale.ts'
import { PolicyRuntime } from '../policy-runtime.ts'
import type { Prediction } from '../prediction.ts'
import type { ModelPool } from './model/model-pool.ts'
import { remotePolicy } from './model/remote-policy.ts'

/** A label that a policy predicts, with its number of values. */
export interface ServedLabel {
  readonly label: string
  readonly size: number
}

/** A policy that is served: what its answers mean. Its images are prepared and computed in the pool. */
export interface ServedPolicy {
  readonly runtime: PolicyRuntime
  readonly labels: readonly ServedLabel[]
  /** Refuse what the robot may not be told. @throws ActionError `deploy/not-finite` or `deploy/outside-envelope`. */
  require(prediction: Prediction): void
}

/** The model of a server. */
export interface ServedModel {
  readonly name: string
  readonly description: ModelDescription
  readonly pool: ModelPool
  /** Undefined for a model that is no policy. */
  readonly policy: ServedPolicy | undefined
  /** Undefined for a model that does not act in chunks. */
  readonly chunkPolicy: ChunkPolicyConfig | undefined
  /** True for a model that writes captions. */
  readonly hasCaptions: boolean
  /** Terms of similarities, from which probabilities come; undefined for a model without. */
  readonly logits: LogitTerms | undefined
  /** Words of a text that the model never learned; none where its bundle does not say what it learned. */
  unlearned(text: string): readonly string[]
}

/** Describe a model for clients. @param note Receiver of sentences about commands that are known in part. */
export function servedModel(
  name: string,
  description: ModelDescription,
  pool: ModelPool,
  logits: LogitTerms | undefined,
): ServedModel {
  const { model, tokenizer } = description
  const knowledgeOf = textKnowledge(tokenizer.config)
  const policy = isPolicy(model)
    ? {
        runtime: new PolicyRuntime(description, remotePolicy(pool), name, () => {}),
        labels: labelsOf(model, pool),
        require: positionCheck(model.config),
      }
    : undefined
  return {
    name,
    description,
    pool,
    policy,
    chunkPolicy: isChunkPolicy(model) ? model.config : undefined,
    hasCaptions: isDualEncoder(model) && isCaptioner(model),
    logits: isDualEncoder(model) ? logits : undefined,
    unlearned: (text) => knowledgeOf(text).unlearned,
  }
}

function labelsOf({ config }: Policy, { graphs }: ModelPool): ServedLabel[] {
  const sizes = new Map(graphs[0]!.outputs.map(({ name, shape }) => [name, shape[1] ?? 1]))
  return Object.entries(config.heads).flatMap(([head, settings]) =>
    headLabels(settings).map(({ output, label }) => ({ label, size: sizes.get(`${head}.${output}`) ?? 0 })),
  )
}

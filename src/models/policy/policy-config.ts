import type { z } from 'zod'
import type { ActivationName } from '../../nn/index.ts'
import { parseConfig } from '../parse-config.ts'
import { type PairedTowerSizes, type TowerSizes, towersOf, transformerSizes } from '../towers/tower-sizes.ts'
import { type PolicyConfig, policyConfig } from './config.ts'
import type { headConfig } from './heads/index.ts'

export interface PolicyOptions extends PairedTowerSizes {
  readonly fusion: TowerSizes
  /** Heads by name; see `headConfig`. */
  readonly heads: Readonly<Record<string, z.input<typeof headConfig>>>
  /** Number of places that the read-out attends to at once. Default 4. */
  readonly glances?: number
  /** Width of the layer that all heads share. Default 512. */
  readonly shared?: number
  /** Dropout rate of the shared layer and the heads in training. Default 0.1. */
  readonly dropout?: number
  /** Activation of the towers. Default `quick_gelu`, CLIP's own. */
  readonly activation?: ActivationName
}

/**
 * A policy's config from the sizes that matter; the vocabulary is that of the tokenizer it is used with.
 * @throws ConfigError `model/config` for sizes that no model can have, or heads that are not of a kind.
 */
export function policy(options: PolicyOptions): PolicyConfig {
  const { fusion, heads, glances, shared, dropout, activation = 'quick_gelu', ...towers } = options
  return parseConfig(policyConfig, {
    ...towersOf(towers, activation),
    fusion_config: transformerSizes(fusion),
    ...(glances !== undefined && { glances }),
    ...(shared !== undefined && { shared_size: shared }),
    ...(dropout !== undefined && { dropout }),
    heads,
  })
}

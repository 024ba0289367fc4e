import type { z } from 'zod'
import { ConfigError, didYouMean } from '../core/index.ts'
import { namedParameters } from '../nn/index.ts'
import { type AdapterOptions, addAdapters } from './adapters.ts'
import type { ChunkPolicyConfig, chunkPolicyConfig } from './chunk-policy/config.ts'
import { chunkPolicyFamily } from './chunk-policy/family.ts'
import type { ClipConfig, clipConfig } from './clip/config.ts'
import { clipFamily } from './clip/family.ts'
import type { Families, Family, Model, ModelConfig, ModelInputs } from './family.ts'
import type { PolicyConfig, policyConfig } from './policy/config.ts'
import { policyFamily } from './policy/family.ts'
import { type Pruned, prune } from './pruned.ts'
import { type Recompute, recomputeLayers } from './recompute.ts'
import type { SiglipConfig, siglipConfig } from './siglip/config.ts'
import { siglipFamily } from './siglip/family.ts'
import type { VisionTextConfig, visionTextConfig } from './vision-text-dual-encoder/config.ts'
import { visionTextFamily } from './vision-text-dual-encoder/family.ts'
import type { VlmConfig, vlmConfig } from './vlm/config.ts'
import { vlmFamily } from './vlm/family.ts'

/** Configs of the built-in families; defaults may be left out. */
export type BuiltInConfigInput =
  | z.input<typeof clipConfig>
  | z.input<typeof siglipConfig>
  | z.input<typeof policyConfig>
  | z.input<typeof vlmConfig>
  | z.input<typeof visionTextConfig>
  | z.input<typeof chunkPolicyConfig>

/** The configs of the built-in families. */
export type BuiltInConfig =
  | ClipConfig
  | SiglipConfig
  | PolicyConfig
  | VlmConfig
  | VisionTextConfig
  | ChunkPolicyConfig

type FamilyTable = {
  readonly [Name in BuiltInConfig['model_type']]: Family<Extract<BuiltInConfig, { model_type: Name }>>
}

/** The table of families: a missing rule does not compile. */
export const families: FamilyTable = {
  clip: clipFamily,
  siglip: siglipFamily,
  visuomotor_policy: policyFamily,
  visuomotor_vlm: vlmFamily,
  'vision-text-dual-encoder': visionTextFamily,
  chunk_policy: chunkPolicyFamily,
}

/**
 * The row of a family.
 * @param known Families to look in. Default: the built-in ones.
 * @throws ConfigError `model/family` naming the nearest.
 */
export function familyOf(modelType: string, known: Families = families): Family {
  const family = Object.hasOwn(known, modelType) ? known[modelType] : undefined
  if (family) return family
  throw new ConfigError(
    'model/family',
    `there is no model family '${modelType}'${didYouMean(modelType, Object.keys(known))}`,
    { modelType, known: Object.keys(known) },
  )
}

/**
 * A config with the towers of a base, and without what these have lost.
 * @throws ConfigError of {@link familyOf}.
 */
export function withTowersOf(config: ModelConfig, base: ModelConfig, known?: Families): ModelConfig {
  const { pruned: _, ...taken } = familyOf(config.model_type, known).towers.take(config, base)
  if (!base.pruned) return taken
  const parameters = namedParameters(buildModel(taken, { families: known }))
  const shared = Object.entries(base.pruned).filter(([name]) => parameters.has(name))
  return shared.length > 0 ? { ...taken, pruned: Object.fromEntries(shared) as Pruned } : taken
}

/** Inputs of a model with this config. @throws ConfigError of {@link familyOf}. */
export const inputsOf = (config: ModelConfig, known?: Families): ModelInputs =>
  familyOf(config.model_type, known).inputs(config)

/**
 * The model of a config, without weights, and without what the config says was removed.
 * @param options `recompute`: layers to compute again in the backward pass; default none. `adapters`: low-rank adapters
 * of linear maps; default none. `families`: families to look in; default the built-in ones.
 * @throws ConfigError of {@link familyOf} and {@link addAdapters}; `optim/pattern` for a pattern that no layer matches.
 */
export function buildModel(
  config: ModelConfig,
  {
    recompute = false,
    adapters,
    families: known,
  }: {
    readonly recompute?: Recompute
    readonly adapters?: AdapterOptions | undefined
    readonly families?: Families | undefined
  } = {},
): Model {
  const whole = familyOf(config.model_type, known).build(config)
  const model = recomputeLayers(config.pruned ? prune(whole, config.pruned) : whole, recompute)
  return adapters ? addAdapters(model, adapters) : model
}

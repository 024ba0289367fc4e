import { takeTowers } from '../towers/paired-towers.ts'
import type { PolicyConfig } from './config.ts'
import { type HeadConfig, headKindOf } from './heads/index.ts'

/** A config that has CLIP's towers, and of a policy the rest. */
export type PolicyBase = Pick<PolicyConfig, 'vision_config' | 'text_config'> & Partial<PolicyConfig>

/**
 * The config of a policy that begins with the weights of `base`. Of a policy it takes all that decides what these
 * weights mean: fusion, glances, the shared layer, and the units of heads of the same name and kind.
 */
export function policyOnBase(config: PolicyConfig, base: PolicyBase): PolicyConfig {
  const { fusion_config, glances, shared_size, heads } = { ...config, ...base }
  const units = Object.entries(config.heads).map(
    ([name, head]) => [name, inUnitOf(head, heads[name])] as const,
  )
  return {
    ...takeTowers(config, base),
    fusion_config,
    glances,
    shared_size,
    heads: Object.fromEntries(units),
  }
}

/** A head in the unit of an earlier one, unless it gives its own. */
function inUnitOf(head: HeadConfig, before: HeadConfig | undefined): HeadConfig {
  if (before?.kind !== head.kind) return head
  const unit = Object.keys(headKindOf(head).unit)
    .map((key) => [key, before[key as keyof HeadConfig]] as const)
    .filter(([key, value]) => value !== undefined && head[key as keyof HeadConfig] === undefined)
  return { ...head, ...Object.fromEntries(unit) }
}

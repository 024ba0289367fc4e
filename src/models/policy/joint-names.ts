import type { Source } from '../../data/source.ts'
import type { PolicyConfig } from './config.ts'
import { headLabels } from './heads/index.ts'

/** The config with the joints that the training data describes, for heads that describe none and have as many. */
export function withJoints<Config extends Pick<PolicyConfig, 'heads'>>(
  config: Config,
  { labels = {} }: Pick<Source, 'labels'>,
): Config {
  const described = Object.entries(config.heads).map(([name, head]) => {
    const kind = labels[headLabels(head)[0]!.label]
    const joints = kind?.kind === 'joints' ? kind.joints : undefined
    const fits = head.kind === 'joints' && head.joints === undefined && joints?.length === head.length
    return [name, fits ? { ...head, joints } : head] as const
  })
  return { ...config, heads: Object.fromEntries(described) }
}

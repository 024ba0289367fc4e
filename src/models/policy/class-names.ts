import type { Source } from '../../data/source.ts'
import type { PolicyConfig } from './config.ts'
import { type HeadConfig, headLabels } from './heads/index.ts'

/** The label of a head that is a class, if it has one. */
export const classLabelOf = (head: HeadConfig): string | undefined =>
  headLabels(head).find(({ kind }) => kind === 'class')?.label

/** Names of the classes of a head; undefined where neither recipe nor data named them. */
export const classNamesOf = (head: HeadConfig): readonly string[] | undefined =>
  'classNames' in head ? head.classNames : undefined

/** The config with the names of classes that the training data gives, for heads that name none and have as many. */
export function withClassNames<Config extends Pick<PolicyConfig, 'heads'>>(
  config: Config,
  { classNames = {} }: Pick<Source, 'classNames'>,
): Config {
  const named = Object.entries(config.heads).map(([name, head]) => {
    const names = classNames[classLabelOf(head) ?? '']
    const fits = 'classes' in head && names?.length === head.classes && head.classNames === undefined
    return [name, fits ? { ...head, classNames: [...names] } : head] as const
  })
  return { ...config, heads: Object.fromEntries(named) }
}

import type { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'

/**
 * Problems that a schema found, one line for each key: `camera.noise: expected number`.
 * @param knownAt Keys that an object at a path may have, for the way out of an unknown one; undefined: any.
 * @param input The data that was checked, for the nearest name where an object is of no known kind. Default: not named.
 */
export const problemsOf = (
  { issues }: z.ZodError,
  knownAt: (path: readonly PropertyKey[]) => Iterable<string> | undefined,
  input?: unknown,
): string[] =>
  issues.flatMap((issue) => {
    const { path } = issue
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(
        (key) => `${[...path, key].join('.')}: there is no such key${didYouMean(key, knownAt(path) ?? [])}`,
      )
    if (issue.code === 'invalid_union' && 'options' in issue && issue.options !== undefined) {
      const kind = path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), input)
      const wrong = kind === undefined ? undefined : String(kind)
      if (wrong !== undefined)
        return [`${path.join('.')}: there is no '${wrong}'${didYouMean(wrong, issue.options.map(String))}`]
    }
    return [path.length > 0 ? `${path.join('.')}: ${issue.message}` : issue.message]
  })

import type { z } from 'zod'
import { didYouMean } from './did-you-mean.ts'

/**
 * Problems that a schema found, one line for each key: `camera.noise: expected number`.
 * @param knownAt Keys that an object at a path may have, for the way out of an unknown one.
 */
export const problemsOf = (
  { issues }: z.ZodError,
  knownAt: (path: readonly PropertyKey[]) => Iterable<string>,
): string[] =>
  issues.flatMap((issue) => {
    const { path } = issue
    if (issue.code !== 'unrecognized_keys') return [`${path.join('.')}: ${issue.message}`]
    return issue.keys.map(
      (key) => `${[...path, key].join('.')}: there is no such key${didYouMean(key, knownAt(path))}`,
    )
  })

import { ConfigError, nearestName } from '../core/index.ts'

/**
 * The names of parameters, or of another `kind`, that `pattern` matches. `*` stands for any characters, none and dots
 * included, as in Python's `fnmatch`; everything else stands for itself. `*.bias` is every bias, `vision_model.*` the
 * whole tower, `*.layers.1.*` layer 1 and not layer 10.
 * @throws ConfigError `optim/pattern` when nothing matches; the message lists the nearest names.
 */
export function matchPattern(pattern: string, names: readonly string[], kind = 'parameter'): string[] {
  const literal = pattern.split(/\*+/).map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  const expression = new RegExp(`^${literal.join('.*')}$`, 's')
  const matched = names.filter((name) => expression.test(name))
  if (matched.length > 0) return matched
  const nearest = nearestTo(pattern, names)
  throw new ConfigError(
    'optim/pattern',
    `no ${kind} matches '${pattern}'; nearest: ${nearest.join(', ')}. Paths are matched as a whole: '*' stands for any characters`,
    { pattern, nearest },
  )
}

/** Up to three names that contain the subpath nearest to the wrong segments of the pattern. */
function nearestTo(pattern: string, names: readonly string[]): string[] {
  const pieces = pattern.split('*').map((piece) => piece.replace(/^\.+|\.+$/g, ''))
  const longest = pieces.reduce((a, b) => (b.length > a.length ? b : a))
  const wrong = pieces.find((piece) => !names.some((name) => name.includes(piece))) ?? longest
  const nearest = nearestName(wrong, new Set(names.flatMap(subpaths))) ?? ''
  return names.filter((name) => name.includes(nearest)).slice(0, 3)
}

/** All runs of consecutive segments: a, a.b, a.b.c, b, b.c and c in `a.b.c`. */
function subpaths(name: string): string[] {
  const segments = name.split('.')
  return segments.flatMap((_, start) =>
    segments.slice(start).map((_, length) => segments.slice(start, start + length + 1).join('.')),
  )
}

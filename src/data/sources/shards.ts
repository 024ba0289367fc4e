import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative } from 'node:path'
import { DataError } from '../../core/index.ts'

/**
 * List the shards that a pattern names, in its order: `data-{000..009}.tar` counts, `{a,b}.tar` lists, and `*` and `?`
 * in the last part of the path match the files that are there, in alphabetical order.
 *
 * @throws DataError when a shard named by braces does not exist, or nothing matches.
 */
export function listShards(pattern: string): string[] {
  const shards = expandBraces(pattern).flatMap(matchingPaths)
  const folder = shards.find((path) => statSync(path).isDirectory())
  if (folder !== undefined) {
    throw new DataError('data/no-shards', `${folder} is a folder; name the files in it: ${folder}/*`, {
      pattern,
    })
  }
  if (shards.length > 0) return shards
  throw new DataError('data/no-shards', `${pattern} names no shard; a range counts upward: {000..009}`, {
    pattern,
  })
}

/** Names of the shards of a pattern in ids: the path after its fixed folders, without the extension. */
export function shardNames(pattern: string, shards: readonly string[]): string[] {
  const folder = dirname(/^[^{*?]*/.exec(pattern)![0])
  return shards.map((shard) => {
    const path = relative(folder, shard).replaceAll('\\', '/')
    return path.slice(0, path.length - extname(path).length)
  })
}

/** Expand braces: `a{1..3}{x,y}` → `a1x`, `a1y`, `a2x` …; numbers keep the width of the first. */
export function expandBraces(pattern: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(pattern)
  if (!braces) return [pattern]
  const before = pattern.slice(0, braces.index)
  const after = expandBraces(pattern.slice(braces.index + braces[0].length))
  return alternatives(braces[1]!).flatMap((middle) => after.map((rest) => before + middle + rest))
}

function alternatives(inside: string): string[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(inside)
  if (!range) return inside.split(',')
  const [first, last] = [Number(range[1]), Number(range[2])]
  const count = Math.max(0, last - first + 1)
  return Array.from({ length: count }, (_, i) => String(first + i).padStart(range[1]!.length, '0'))
}

/** Files and folders that a path without braces names; `*` and `?` match in its last part. */
export function matchingPaths(path: string): string[] {
  if (!/[*?]/.test(path)) {
    if (existsSync(path)) return [path]
    throw new DataError(
      'data/missing-shard',
      `there is no shard ${path}. Put it there, or name only the shards that exist`,
      { file: path },
    )
  }
  const matcher = new RegExp(
    `^${basename(path)
      .split(/([*?])/)
      .map(toRegExp)
      .join('')}$`,
  )
  const folder = dirname(path)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const files = names.filter((name) => matcher.test(name)).sort()
  if (files.length > 0) return files.map((name) => join(folder, name))
  throw new DataError(
    'data/no-shards',
    `no shard matches ${path}. Quote the pattern so that the shell keeps it`,
    {
      pattern: path,
    },
  )
}

function toRegExp(part: string): string {
  if (part === '*') return '.*'
  return part === '?' ? '.' : part.replace(/[.+^$()[\]|\\]/g, '\\$&')
}

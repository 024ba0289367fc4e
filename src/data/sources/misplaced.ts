import { existsSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { DataError } from '../../core/index.ts'
import type { SourceSpec } from './source-spec.ts'

/**
 * Improve the error of opening a described source: if its folder is named by a relative path and is not there, add the
 * directory where such paths begin. A run is often resumed in another directory than the one of its start.
 */
export function misplaced(spec: SourceSpec, error: unknown): unknown {
  const folder = folderOf(spec)
  if (!(error instanceof DataError) || folder === undefined) return error
  if (isAbsolute(folder) || existsSync(folder)) return error
  const message =
    `${error.message}. There is no ${folder} in ${process.cwd()}: relative paths of a recipe begin in the directory ` +
    'in which its run was started; go there, or name them from the root'
  return new DataError(error.code, message, error.facts, { cause: error })
}

/** Location of the files of a source; for a pattern, its folders without wildcard characters. */
function folderOf(spec: SourceSpec): string | undefined {
  if (['folder', 'classFolders', 'tabletop', 'lerobot'].includes(spec.kind))
    return (spec as Extract<SourceSpec, { directory: string }>).directory
  if (spec.kind === 'webdataset') return fixedFolder(spec.shards)
  return spec.kind === 'parquet' ? fixedFolder(spec.files) : undefined
}

const fixedFolder = (pattern: string): string => dirname(`${/^[^{*?]*/.exec(pattern)![0]}…`)

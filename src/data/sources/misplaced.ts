import { existsSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'
import { DataError } from '../../core/index.ts'
import type { SourceSpec } from './source-spec.ts'

/**
 * What opening a described source threw, and, where its folder is named by a relative path and is not there, where such
 * paths begin: a run is often taken up from another directory than the one in which it was started.
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

/** Where the files of a source are; of a pattern, as far as no character of it stands for others. */
function folderOf(spec: SourceSpec): string | undefined {
  if (spec.kind === 'folder' || spec.kind === 'tabletop') return spec.directory
  if (spec.kind === 'webdataset') return fixedFolder(spec.shards)
  return spec.kind === 'parquet' ? fixedFolder(spec.files) : undefined
}

const fixedFolder = (pattern: string): string => dirname(`${/^[^{*?]*/.exec(pattern)![0]}…`)

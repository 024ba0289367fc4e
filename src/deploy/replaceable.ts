import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ConfigError } from '../core/index.ts'

/**
 * Refuse to replace a folder with files that no export wrote.
 * @param isWritten Test for a file that the export writes, by its path in the folder.
 * @throws ConfigError `bundle/not-a-bundle` naming the file.
 */
export function requireReplaceable(directory: string, isWritten: (file: string) => boolean): void {
  if (!existsSync(directory)) return
  const foreign = statSync(directory).isDirectory() ? foreignFile(directory, isWritten) : directory
  if (foreign === undefined) return
  throw new ConfigError(
    'bundle/not-a-bundle',
    `${directory} is not replaced, because no export wrote ${foreign}. Name another folder, or move it away first`,
    { directory, file: foreign },
  )
}

function foreignFile(directory: string, isWritten: (file: string) => boolean): string | undefined {
  const files = readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry: Dirent) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  return files.find((file) => !isWritten(file))
}

import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Rename files of earlier results to the next number that is free for all of them, `rollout.1.json` and `rollout.1.webp`, so that
 * nothing is overwritten and files that belong together stay so.
 * @returns The new path of the first of them; undefined without any.
 */
export function keepEarlier(directory: string, files: readonly string[]): string | undefined {
  const existing = files.filter((file) => existsSync(join(directory, file)))
  const numbered = (file: string, number: number) => {
    const dot = file.lastIndexOf('.')
    return join(
      directory,
      dot < 1 ? `${file}.${number}` : `${file.slice(0, dot)}.${number}${file.slice(dot)}`,
    )
  }
  if (existing.length === 0) return undefined
  let number = 1
  while (files.some((file) => existsSync(numbered(file, number)))) number++
  for (const file of existing) renameSync(join(directory, file), numbered(file, number))
  return numbered(existing[0]!, number)
}

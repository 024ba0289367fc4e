import { join } from 'node:path'
import { keepEarlier, writeFileAtomic } from '../../core/index.ts'
import { comparisonPage, type Section } from '../../report/index.ts'
import type { Comparison } from './compare.ts'
import type { WrittenFiles } from './evaluation-file.ts'

/** Files of a comparison. */
const comparisonFiles = { numbers: 'comparison.json', page: 'comparison.html' } as const

/**
 * Write the numbers and the page of a comparison; files of an earlier one are kept under the next free number.
 * @param sections Further sections of the page by data set, such as those of `onlyOneRight`.
 * @throws FileError of `writeFileAtomic`.
 */
export function writeComparison(
  directory: string,
  comparison: Comparison,
  sections: Readonly<Record<string, readonly Section[]>> = {},
): WrittenFiles {
  const [numbers, html] = [join(directory, comparisonFiles.numbers), join(directory, comparisonFiles.page)]
  const earlier = keepEarlier(directory, Object.values(comparisonFiles))
  writeFileAtomic(numbers, `${JSON.stringify(comparison, undefined, 1)}\n`)
  writeFileAtomic(html, comparisonPage({ ...comparison, sections }))
  return { numbers, page: html, earlier }
}

import { htmlTable, page } from '../../report/index.ts'
import { resultTable } from './result-table.ts'
import type { SuiteResult } from './suite-result.ts'

/** The page of an evaluation. */
export const suitePage = (result: SuiteResult): string =>
  page({
    title: `${result.suite}: ${result.directory}`,
    figures: Object.values(result.tests).flatMap((found) =>
      Object.values(found).flatMap(({ figures = [] }) => figures),
    ),
    sections: [
      { title: 'Numbers', body: htmlTable(resultTable(result)) },
      ...Object.entries(result.tests).flatMap(([test, found]) =>
        Object.values(found).flatMap(({ sections }) =>
          sections.map((section) => ({ ...section, title: `${test}: ${section.title}` })),
        ),
      ),
    ],
  })

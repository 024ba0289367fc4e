import { htmlTable } from './html-table.ts'
import type { Figure, Section } from './page.ts'
import { headsOf, type PolicyResult, policyTable } from './policy-table.ts'
import { humanize, percent } from './quantity.ts'
import type { ReportPart } from './training-report.ts'

/** Right answers of a policy, as a part of a report. */
export const policyReport = (results: Readonly<Record<string, PolicyResult>>): ReportPart => ({
  figures: policyFigures(results),
  sections: policySection(results),
})

function policySection(policy: Readonly<Record<string, PolicyResult>>): Section[] {
  if (Object.keys(policy).length === 0) return []
  const note =
    'Success: percent of the samples whose prediction is within tolerance. Other commands: the same pictures with the ' +
    'commands of other scenes; what is still right there does not come from the command.'
  return [{ title: 'Right answers', note, body: htmlTable(policyTable(policy)) }]
}

/** Success on the first test set. */
const policyFigures = (policy: Readonly<Record<string, PolicyResult>>): Figure[] =>
  headsOf(policy)
    .filter(([set]) => set === Object.keys(policy)[0])
    .map(([set, head, { success = Number.NaN }]) => ({
      label: humanize(head),
      value: percent(success),
      more: `right answers, ${humanize(set).toLowerCase()}`,
    }))

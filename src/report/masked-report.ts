import { htmlTable } from './html-table.ts'
import { gainText, type MaskedResult, maskedTable } from './masked-table.ts'
import type { Figure, Section } from './page.ts'
import { humanize, percent } from './quantity.ts'
import type { ReportPart } from './training-report.ts'

/** Masked modelling, as a part of a report. */
export const maskedReport = (results: Readonly<Record<string, MaskedResult>>): ReportPart => ({
  figures: Object.entries(results).map(figureOf),
  sections: sectionsOf(results),
})

const figureOf = ([set, { withImage, withoutImage, imageGain }]: readonly [
  string,
  MaskedResult,
]): Figure => ({
  label: humanize(set),
  value: percent(withImage.accuracy),
  more: `masked words; ${percent(withoutImage.accuracy)} without the image${imageGain ? `, a difference of ${gainText({ imageGain })} points` : ''}`,
})

function sectionsOf(results: Readonly<Record<string, MaskedResult>>): Section[] {
  if (Object.keys(results).length === 0) return []
  const texts = Object.values(results).reduce((sum, { textsWithoutWords }) => sum + textsWithoutWords, 0)
  const note =
    'Every word is masked once. Right: percent of them that are the most probable one. Without image: the same model and masks, ' +
    'but no word reads the image. Image brings: the difference of both with its 95 % interval, in which samples are drawn anew; an ' +
    'interval that holds 0 shows no difference. Other images: with the image of another sample. Loss: mean of −log p of the right ' +
    'word. Patch error: ' +
    `mean squared error of masked patches; 1 is that of a patch's mean.${texts > 0 ? ` ${texts} texts have no word to mask.` : ''}`
  return [{ title: 'Behind masks', note, body: htmlTable(maskedTable(results)) }]
}

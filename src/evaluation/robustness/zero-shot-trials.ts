import { type ClassChoice, classLabels } from '../dual/class-labels.ts'
import { gatheredRows, similarityScores } from '../dual/feature-rows.ts'
import { classVectors } from '../dual/prompt-templates.ts'
import type { Subject } from '../suite/subject.ts'
import type { Condition } from './axes.ts'
import { trialsOf } from './dual-encoder-trials.ts'
import type { Trials } from './trial.ts'

/**
 * Trials of a dual encoder by zero-shot classification, of corrupted images with clean prompts. A class must beat all others
 * strictly. One pass each.
 *
 * @param templates Prompts, each with `{}` for the name of a class.
 * @throws DataError of `classLabels` for data without such a label; `evaluation/changed-data` as `retrievalTrials`.
 */
export async function zeroShotTrials(
  subject: Subject,
  conditions: readonly Condition[],
  choice: ClassChoice,
  templates: readonly string[],
): Promise<Trials> {
  const features = await subject.features()
  const { name, source } = subject
  const { names, rows, labels, ids } = classLabels({ name, source, features }, choice, (text) =>
    subject.note(text),
  )
  const clusters = await subject.clusters(ids)
  const classes = await classVectors(names, templates, (texts) => subject.texts(texts))
  return trialsOf(subject, features, conditions, ({ images }) => {
    const scores = similarityScores(gatheredRows(images, features.width, rows), classes, features.width)
    const values = labels.map((label, i) => {
      const row = scores.subarray(i * names.length, (i + 1) * names.length)
      // The first of the highest is the prediction, as in zeroShot.
      return Number(row.every((score, c) => (c < label ? score < row[label]! : score <= row[label]!)))
    })
    return { accuracy: { ids, values, clusters } }
  })
}

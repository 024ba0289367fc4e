import { type Batch, DataError } from '../../core/index.ts'
import type { PolicyRuntime } from '../../deploy/index.ts'
import { labelsOf, type Tolerances } from '../../models/index.ts'
import { judgeSample } from '../policy-examples/judge-sample.ts'
import { withShuffledCommands } from '../shuffled-commands.ts'
import type { SampleValues } from '../suite/measured.ts'
import type { Subject } from '../suite/subject.ts'
import type { Condition } from './axes.ts'
import { requireSameSamples, type Trial, type Trials } from './trial.ts'

/**
 * Trials of a policy's heads on data: success of each sample within tolerance, and the control, success with the commands of other
 * samples. Two passes each.
 *
 * @throws DataError `data/no-labels` when no sample has a label that a head predicts; `evaluation/changed-data` as `requireSameSamples`.
 */
export async function policyTrials(
  subject: Subject,
  policy: PolicyRuntime,
  conditions: readonly Condition[],
  tolerances: Tolerances,
): Promise<Trials> {
  const trial = async (condition: Condition | undefined): Promise<Trial> => {
    const right = await successes(policy, tolerances, subject.batches(condition?.variation))
    for (const [measure, { ids, values }] of Object.entries(right))
      right[measure] = { ids, values, clusters: await subject.clusters(ids) }
    const others = withShuffledCommands(subject.batches(condition?.variation))
    const control = Object.entries(await successes(policy, tolerances, others)).map(
      ([measure, { values }]) => [measure, values.reduce((a, b) => a + b, 0) / values.length] as const,
    )
    return { condition, right, control: Object.fromEntries(control) }
  }
  const clean = await trial(undefined)
  if (Object.keys(clean.right).length === 0) throw noLabels(subject.name, policy)
  const corrupted: Trial[] = []
  for (const condition of conditions) {
    const found = await trial(condition)
    for (const [measure, { ids }] of Object.entries(clean.right))
      requireSameSamples(subject.name, condition, ids, found.right[measure]?.ids ?? [])
    corrupted.push(found)
  }
  return { clean, corrupted, passes: 2 * (1 + conditions.length) }
}

/** Success of the samples that have the labels of a head, by `<head>.success`; heads without such samples are missing. */
async function successes(
  { runner, description }: PolicyRuntime,
  tolerances: Tolerances,
  batches: AsyncIterable<Batch>,
): Promise<Record<string, SampleValues>> {
  const { heads } = description.model.config
  const found = new Map<string, { ids: string[]; values: number[] }>()
  for await (const batch of batches) {
    const values = await runner.run(batch.arrays.pixelValues!, batch.arrays.inputIds!)
    for (const [row, id] of batch.ids.entries()) {
      for (const { head, success } of judgeSample(heads, tolerances, batch, values, row)) {
        const measure = `${head}.success`
        const rows = found.get(measure) ?? { ids: [], values: [] }
        found.set(measure, rows)
        rows.ids.push(id)
        rows.values.push(Number(success))
      }
    }
  }
  return Object.fromEntries(found)
}

function noLabels(data: string, { description }: PolicyRuntime): DataError {
  const wanted = Object.values(description.model.config.heads).flatMap(labelsOf)
  const message = `nothing of ${data} can be measured: none of its samples has a label that a head predicts (${wanted.join(', ')})`
  return new DataError('data/no-labels', message, { data, wanted })
}

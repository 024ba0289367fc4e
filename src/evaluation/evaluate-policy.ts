import type { Batch } from '../core/index.ts'
import type { HeadConfig, PolicyRunner, PolicyValues, Tolerances } from '../models/index.ts'
import { type Metrics, policyMetrics } from '../training/index.ts'
import { withShuffledCommands } from './shuffled-commands.ts'

/**
 * Metrics of a policy's heads on a data set, each beside its control: `success` is the fraction of samples within
 * tolerance, `shuffledSuccess` the same with the commands of other samples.
 * @param open Function that opens the data set; called twice.
 * @param onBatch Function that sees each batch and what the policy answered, without the control.
 */
export async function evaluatePolicy(
  policy: PolicyRunner,
  heads: Readonly<Record<string, HeadConfig>>,
  tolerances: Tolerances,
  open: () => AsyncIterable<Batch>,
  onBatch?: (batch: Batch, values: PolicyValues) => void,
): Promise<Metrics> {
  const metrics = await policyMetrics(policy, heads, tolerances, open(), onBatch)
  const shuffled = await policyMetrics(policy, heads, tolerances, withShuffledCommands(open()))
  const entries = Object.entries(metrics).map(([name, value]) => {
    const control = shuffled[name]
    if (typeof value === 'number' || typeof control !== 'object') return [name, value] as const
    return [name, { ...value, shuffledSuccess: control.success ?? Number.NaN }] as const
  })
  return { ...Object.fromEntries(entries), shuffledSuccess: shuffled.success ?? Number.NaN }
}

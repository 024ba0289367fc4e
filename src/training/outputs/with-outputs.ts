import { type Batch, ConfigError, DataError, type HostArray } from '../../core/index.ts'
import type { BatchStream } from '../batch-stream.ts'

/**
 * Function that gives the outputs of another model for a batch: arrays by name, whose first axis is the sample. Any
 * function may compute them live, `storedOutputs` reads them; the task is the same for both.
 */
export type OutputsOf = (batch: Batch) => Promise<Readonly<Record<string, HostArray>>>

/**
 * A stream whose batches have the other model's outputs beside their own arrays. Positions and feedback are those of
 * the stream. Iteration throws the errors of {@link batchesWithOutputs}.
 */
export const withOutputs = (stream: BatchStream, outputsOf: OutputsOf): BatchStream => ({
  get position() {
    return stream.position
  },
  ...(stream.feedback && { feedback: stream.feedback }),
  [Symbol.asyncIterator]: () => batchesWithOutputs(stream, outputsOf)[Symbol.asyncIterator](),
  close: () => stream.close(),
})

/**
 * Batches with the other model's outputs beside their own arrays.
 * @throws ConfigError `training/output-name` for an output that has the name of an array of the batch.
 * @throws DataError `training/output-rows` for an output without exactly one row for each sample.
 */
export async function* batchesWithOutputs(
  batches: AsyncIterable<Batch>,
  outputsOf: OutputsOf,
): AsyncGenerator<Batch, void> {
  for await (const batch of batches) yield await batchWithOutputs(batch, outputsOf)
}

/** A batch with the other model's outputs beside its own arrays. @throws Errors of {@link batchesWithOutputs}. */
export async function batchWithOutputs(batch: Batch, outputsOf: OutputsOf): Promise<Batch> {
  const outputs = await outputsOf(batch)
  for (const [name, { shape }] of Object.entries(outputs)) requireFitting(name, shape, batch)
  return { ...batch, arrays: { ...batch.arrays, ...outputs } }
}

function requireFitting(name: string, shape: readonly number[], { ids, arrays }: Batch): void {
  if (name in arrays) {
    const message = `the batches have an array '${name}' already: give the output another name, such as 'teacher.${name}'`
    throw new ConfigError('training/output-name', message, { name })
  }
  if (shape[0] === ids.length) return
  throw new DataError(
    'training/output-rows',
    `the output '${name}' has shape [${shape}], the batch ${ids.length} samples; give a row for each sample`,
    { name, shape, samples: ids.length },
  )
}

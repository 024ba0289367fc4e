import type { Batch } from '../core/index.ts'
import type { Loader, Source } from '../data/index.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

/** Batches under a progress bar; after the last one comes a note of the left-out samples. */
export async function* counted(
  batches: Loader,
  title: string,
  { size }: Source,
  output: Output,
): AsyncGenerator<Batch> {
  const bar = progress(output, title, size)
  for await (const batch of batches) {
    yield batch
    bar.advance(batch.ids.length)
  }
  bar.finish()
  for (const { message } of batches.badSamples) output.note(`left out: ${message}`)
}

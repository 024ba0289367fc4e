import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Batch } from '../core/index.ts'
import type { Loader, OnBadSample, Source } from '../data/index.ts'
import { type CheckpointChoice, DualEncoderRuntime } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import { type CrossModalRetrieval, crossModalRetrieval } from '../metrics/index.ts'
import { cutCaptions, readRecipe } from '../recipes/index.ts'
import { retrievalTable, type Table } from '../report/index.ts'
import { encodeDataset } from '../training/index.ts'
import { evaluationLoader } from './evaluation-loader.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

export interface EvaluationOptions {
  readonly onBadSample: OnBadSample
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly threads?: number
}

/** Data sets under the names that their results get. */
export type NamedSources = readonly (readonly [name: string, source: Source])[]

/** What evaluating a model gives: for machines, and to read. */
export interface EvaluationResult {
  readonly results: object
  readonly table: Table
}

/** Retrieval of a dual encoder in both directions. */
export async function evaluateRetrieval(
  model: string,
  sources: NamedSources,
  options: EvaluationOptions,
  output: Output,
): Promise<EvaluationResult> {
  const { description, runner } = await DualEncoderRuntime.load(model, options)
  const text = {
    tokenizer: description.tokenizer,
    length: description.model.config.text_config.max_position_embeddings,
  }
  const allCaptions = !isOfFirstCaptions(model)
  const retrieval: Record<string, CrossModalRetrieval> = {}
  for (const [name, source] of sources) {
    const batches = evaluationLoader(description, source, {
      onBadSample: options.onBadSample,
      text,
      allCaptions,
    })
    const encoded = await encodeDataset(runner, counted(batches, name, source, output))
    for (const sentence of cutCaptions(batches.captions, text.length)) output.note(`${name}: ${sentence}`)
    retrieval[name] = crossModalRetrieval(encoded)
  }
  return { results: { retrieval }, table: retrievalTable(retrieval) }
}

/** Whether a run was trained, and so is tested, on first captions only. */
const isOfFirstCaptions = (folder: string): boolean =>
  existsSync(join(folder, 'recipe.json')) && readRecipe(folder).firstCaption === 1

/** Batches under a progress bar, and then what was left out. */
export async function* counted(
  batches: Loader,
  name: string,
  { size }: Source,
  output: Output,
): AsyncGenerator<Batch> {
  const bar = progress(output, name, size)
  for await (const batch of batches) {
    yield batch
    bar.advance(batch.ids.length)
  }
  bar.finish()
  for (const { message } of batches.badSamples) output.note(`left out: ${message}`)
}

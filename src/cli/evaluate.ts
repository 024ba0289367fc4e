import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type Batch, ConfigError } from '../core/index.ts'
import { type OnBadSample, openSource, parseSource, type Source, type SourceSpec } from '../data/index.ts'
import { type CheckpointChoice, DualEncoderRuntime } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import { type CrossModalRetrieval, crossModalRetrieval } from '../metrics/index.ts'
import { readRecipe } from '../recipes/index.ts'
import { retrievalTable, textTable } from '../report/index.ts'
import { encodeDataset } from '../training/index.ts'
import { evaluationLoader } from './evaluation-loader.ts'
import { checkpointOption, deviceOption, jsonOption } from './options.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

interface EvaluateOptions {
  readonly data?: readonly string[]
  readonly onBadSample: OnBadSample
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly json?: true
}

/** `visuomotor evaluate <model> [--data SOURCE…]` */
export function registerEvaluate(program: Command, output: Output): void {
  program
    .command('evaluate')
    .description('retrieval in both directions, each over the whole data set')
    .argument('<model>', 'a run, a bundle, or a CLIP or SigLIP folder of Hugging Face')
    .option(
      '--data <source...>',
      'emoji:SPLIT, folder:DIRECTORY?captions=FILE, parquet:FILES?caption=COLUMN or webdataset:SHARDS (default: the tests of the run)',
    )
    .addOption(
      new Option('--on-bad-sample <what>', 'samples that cannot be used')
        .choices(['fail', 'skip'])
        .default('fail'),
    )
    .addOption(checkpointOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .action(async (model: string, options: EvaluateOptions) => {
      const specs = options.data ? parsed(options.data) : testsOf(model)
      const sources = Object.entries(specs).map(([name, spec]) => [name, openSource(spec)] as const)
      const runtime = await DualEncoderRuntime.load(model, options)
      const retrieval: Record<string, CrossModalRetrieval> = {}
      for (const [name, source] of sources) {
        retrieval[name] = await evaluate(runtime, name, source, options.onBadSample, output)
      }
      output.result(
        options.json
          ? JSON.stringify({ model, retrieval }, undefined, 2)
          : textTable(retrievalTable(retrieval)),
      )
    })
}

/** Sources under the names that the summary of a run gives them. */
function parsed(texts: readonly string[]): Record<string, SourceSpec> {
  const named = texts.map((text) => {
    const spec = parseSource(text)
    return [spec.source === 'emoji' ? spec.split : text, spec]
  })
  return Object.fromEntries(named)
}

/** What a run was tested on when it ended. */
function testsOf(model: string): Readonly<Record<string, SourceSpec>> {
  const tests = existsSync(join(model, 'recipe.json')) ? readRecipe(model).tests : {}
  if (Object.keys(tests).length > 0) return tests
  throw new ConfigError(
    'cli/no-data',
    `${model} names no tests of its own: say what to test on with --data`,
    {
      model,
    },
  )
}

async function evaluate(
  runtime: DualEncoderRuntime,
  name: string,
  source: Source,
  onBadSample: OnBadSample,
  output: Output,
): Promise<CrossModalRetrieval> {
  const { model, tokenizer } = runtime.bundle
  const text = { tokenizer, length: model.config.text_config.max_position_embeddings }
  const batches = evaluationLoader(runtime.bundle, source, { onBadSample, text })
  const bar = progress(output, name, source.size)
  const counted = async function* (): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      yield batch
      bar.advance(batch.ids.length)
    }
  }
  const encoded = await encodeDataset(runtime.encoders, counted())
  bar.finish()
  for (const { message } of batches.badSamples) output.note(`left out: ${message}`)
  return crossModalRetrieval(encoded)
}

import { type Command, Option } from 'commander'
import { type OnBadSample, parseSource, type SourceSpec } from '../data/index.ts'
import type { CheckpointChoice } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import { evaluate } from '../recipes/index.ts'
import { textTable } from '../report/index.ts'
import { counted } from './counted.ts'
import { loadExtensions } from './load-recipe.ts'
import { checkpointOption, deviceOption, extensionsOption, jsonOption, threadsOption } from './options.ts'
import type { Output } from './output.ts'

interface EvaluateOptions {
  readonly data?: readonly string[]
  readonly onBadSample: OnBadSample
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly threads?: number
  readonly with?: string
  readonly json?: true
}

/** `visuomotor evaluate <model> [--data SOURCE…]` */
export function registerEvaluate(program: Command, output: Output): void {
  program
    .command('evaluate')
    .description(
      'what the objective of the model measures: retrieval, masked words, captions, the right answers of a policy',
    )
    .argument('<model>', 'a run, a bundle, or a folder of Hugging Face with a dual encoder')
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
    .addOption(threadsOption())
    .addOption(extensionsOption())
    .addOption(jsonOption())
    .action(async (model: string, { data, json, with: file, ...options }: EvaluateOptions) => {
      const { objective, results } = await evaluate(model, {
        ...options,
        ...(data && { data: parsed(data) }),
        ...(file !== undefined && (await loadExtensions(file))),
        watch: (batches, title, source) => counted(batches, title, source, output),
        onNote: (text) => output.note(text),
      })
      output.result(
        json ? JSON.stringify({ model, results }, undefined, 2) : textTable(objective.table(results)),
      )
    })
}

/** Sources under their names in the summary of a run. */
function parsed(texts: readonly string[]): Record<string, SourceSpec> {
  const named = texts.map((text) => {
    const spec = parseSource(text)
    return [spec.kind === 'emoji' ? spec.split : text, spec]
  })
  return Object.fromEntries(named)
}

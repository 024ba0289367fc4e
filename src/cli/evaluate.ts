import { type Command, Option } from 'commander'
import { ConfigError } from '../core/index.ts'
import { type OnBadSample, parseSource, type SourceSpec } from '../data/index.ts'
import type { CheckpointChoice } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import { evaluate } from '../recipes/index.ts'
import { textTable } from '../report/index.ts'
import { counted } from './counted.ts'
import { compareModels, evaluateBySuite, verifyEvaluation } from './evaluate-suite.ts'
import { loadExtensions } from './load-recipe.ts'
import { suiteNames } from './load-suite.ts'
import { checkpointOption, deviceOption, extensionsOption, jsonOption, threadsOption } from './options.ts'
import type { Output } from './output.ts'

/** Options of `evaluate`. */
export interface EvaluateOptions {
  readonly data?: readonly string[]
  readonly suite?: string
  readonly compare?: readonly string[]
  readonly verify?: string
  readonly out?: string
  readonly keepFeatures?: string
  readonly clipBenchmark?: string
  readonly onBadSample: OnBadSample
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly threads?: number
  readonly with?: string
  readonly json?: true
}

/** Options with the words of the command line. */
export interface GivenOptions extends EvaluateOptions {
  readonly command: readonly string[]
}

/** `visuomotor evaluate <model> [--data SOURCE…]`, and with `--suite`, `--compare` and `--verify` */
export function registerEvaluate(program: Command, output: Output): void {
  program
    .command('evaluate')
    .description(
      'what the objective of the model measures: retrieval, masked words, captions, the right answers of a policy; or, with --suite, ' +
        'what a suite of data sets and evaluators measures',
    )
    .argument('[model]', 'a run, a bundle, or a folder of Hugging Face with a dual encoder')
    .option(
      '--data <source...>',
      'emoji:SPLIT, folder:DIRECTORY?captions=FILE, parquet:FILES?caption=COLUMN or webdataset:SHARDS (default: the tests of the run)',
    )
    .option('--suite <name>', `${suiteNames.join(', ')}, or a .ts, .js or .json file of your own`)
    .option('--compare <models...>', 'two models side by side on the same samples, with --suite')
    .option('--verify <file>', 'carry an evaluation.json out again, and say what differs')
    .option(
      '--out <directory>',
      'where evaluation.json and evaluation.html go (default: evaluations/<model>-<suite>)',
    )
    .option('--keep-features <directory>', 'keep features of dual encoders there for the next suite')
    .option('--clip-benchmark <file>', "also write the results as JSON lines of LAION's CLIP_benchmark")
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
    .action((model: string | undefined, chosen: EvaluateOptions, { parent }: Command) => {
      const options = { ...chosen, command: (parent as unknown as { rawArgs: readonly string[] }).rawArgs }
      requireTogether(model, options)
      if (options.verify !== undefined) return verifyEvaluation(options.verify, options, output)
      if (options.compare) return compareModels(options.compare, options, output)
      if (options.suite !== undefined) return evaluateBySuite(model!, options, output)
      return evaluateByObjective(model!, options, output)
    })
}

async function evaluateByObjective(
  model: string,
  { data, json, with: file, onBadSample, checkpoint, device, threads }: EvaluateOptions,
  output: Output,
): Promise<void> {
  const { objective, results } = await evaluate(model, {
    ...{ onBadSample, checkpoint, device, threads },
    ...(data && { data: parsed(data) }),
    ...(file !== undefined && (await loadExtensions(file))),
    watch: (batches, title, source) => counted(batches, title, source, output),
    onNote: (text) => output.note(text),
  })
  output.result(json ? JSON.stringify({ model, results }, undefined, 2) : textTable(objective.table(results)))
}

/** Sources under their names in the summary of a run. */
function parsed(texts: readonly string[]): Record<string, SourceSpec> {
  const named = texts.map((text) => {
    const spec = parseSource(text)
    return [spec.kind === 'emoji' ? spec.split : text, spec]
  })
  return Object.fromEntries(named)
}

/** Refuse options that do not go together. @throws ConfigError `cli/options` naming them and the way out. */
function requireTogether(model: string | undefined, options: EvaluateOptions): void {
  const { suite, compare, verify, data, out, keepFeatures, clipBenchmark, checkpoint } = options
  const refused: readonly (readonly [boolean, string])[] = [
    [
      verify !== undefined && (model !== undefined || !!compare || suite !== undefined),
      '--verify takes model and suite from the file: leave out the model, --suite and --compare',
    ],
    [!!compare && model !== undefined, '--compare names both models: leave out the other one'],
    [!!compare && compare.length !== 2, `--compare takes two models, not ${compare?.length}`],
    [!!compare && suite === undefined, '--compare needs a --suite'],
    [
      !!compare && checkpoint !== undefined,
      '--compare takes the best checkpoint of each run: leave out --checkpoint, or export the others',
    ],
    [suite !== undefined && !!data, 'a suite names its own data: leave out --data, or --suite'],
    [verify !== undefined && !!data, 'an evaluation names its own data: leave out --data'],
    [suite === undefined && out !== undefined, '--out is for the files of a suite: add --suite'],
    [suite === undefined && keepFeatures !== undefined, '--keep-features is for a suite: add --suite'],
    [
      clipBenchmark !== undefined && (suite === undefined || !!compare),
      '--clip-benchmark is for a suite on one model: add --suite, without --compare',
    ],
    [
      model === undefined && !compare && verify === undefined,
      'name the model: a run, a bundle, or a folder of Hugging Face',
    ],
  ]
  const problem = refused.find(([applies]) => applies)
  if (problem) throw new ConfigError('cli/options', problem[1])
}

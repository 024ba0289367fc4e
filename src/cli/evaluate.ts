import { type Command, Option } from 'commander'
import { parseSource, type SourceSpec } from '../data/index.ts'
import { evaluate } from '../recipes/index.ts'
import { textTable } from '../report/index.ts'
import { counted } from './counted.ts'
import { type EvaluateOptions, requireTogether } from './evaluate-options.ts'
import { compareModels, evaluateBySuite, verifyEvaluation } from './evaluate-suite.ts'
import { loadExtensions, namedHelp, suiteSort } from './load-named.ts'
import { checkpointOption, deviceOption, extensionsOption, jsonOption, threadsOption } from './options.ts'
import type { Output } from './output.ts'

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
    .option('--suite <name>', namedHelp(suiteSort))
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
    .action((model: string | undefined, chosen: EvaluateOptions, command: Command) => {
      const options = { ...chosen, command: wordsOf(command) }
      requireTogether(model, options, (name) => command.getOptionValueSource(name) === 'cli')
      if (options.verify !== undefined) return verifyEvaluation(options.verify, options, output)
      if (options.compare) return compareModels(options.compare, options, output)
      if (options.suite !== undefined) return evaluateBySuite(model!, options, output)
      return evaluateByObjective(model!, options, output)
    })
}

/** The words of the command line behind the program's name. */
const wordsOf = ({ parent }: Command): readonly string[] =>
  (parent as unknown as { readonly rawArgs: readonly string[] }).rawArgs

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

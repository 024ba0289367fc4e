import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { ConfigError } from '../core/index.ts'
import { openSource, parseSource, type SourceSpec } from '../data/index.ts'
import { readRecipe } from '../recipes/index.ts'
import { textTable } from '../report/index.ts'
import { evaluatePolicies, isPolicyFolder } from './evaluate-policies.ts'
import { type EvaluationOptions, evaluateRetrieval } from './evaluate-retrieval.ts'
import { checkpointOption, deviceOption, jsonOption, threadsOption } from './options.ts'
import type { Output } from './output.ts'

interface EvaluateOptions extends EvaluationOptions {
  readonly data?: readonly string[]
  readonly json?: true
}

/** `visuomotor evaluate <model> [--data SOURCE…]` */
export function registerEvaluate(program: Command, output: Output): void {
  program
    .command('evaluate')
    .description(
      'retrieval in both directions, or the right answers of a policy, each over the whole data set',
    )
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
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (model: string, options: EvaluateOptions) => {
      const given = options.data && parsed(options.data)
      const evaluate = isPolicyFolder(model) ? evaluatePolicies : evaluateRetrieval
      const specs = given ?? testsOf(model)
      const sources = Object.entries(specs).map(([name, spec]) => [name, openSource(spec)] as const)
      const { results, table } = await evaluate(model, sources, options, output)
      output.result(options.json ? JSON.stringify({ model, ...results }, undefined, 2) : textTable(table))
    })
}

/** Sources under the names that the summary of a run gives them. */
function parsed(texts: readonly string[]): Record<string, SourceSpec> {
  const named = texts.map((text) => {
    const spec = parseSource(text)
    return [spec.kind === 'emoji' ? spec.split : text, spec]
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

import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ConfigError, shellWord } from '../core/index.ts'
import { deviceNames } from '../engine/index.ts'
import {
  asMember,
  type PreparedRun,
  prepareRun,
  reopenRun,
  resultsWithControl,
  trainRun,
} from '../recipes/index.ts'
import { stagesTable, textTable } from '../report/index.ts'
import { type Communicator, trackerOf, trainingProgress } from '../training/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { namedHelp, recipeSort } from './load-named.ts'
import { isRecipeFile, loadRecipe, recipeNames } from './load-recipe.ts'
import { jsonOption } from './options.ts'
import { type Output, silent } from './output.ts'
import { type Progress, progress } from './progress.ts'

/** Options that change the recipe, as short forms of `--set`. */
interface RecipeOptions {
  readonly set?: readonly string[]
  readonly seed?: string
  readonly device?: string
  readonly onBadSample?: string
  readonly memoryBudget?: string
  readonly storeTeacher?: string
}

interface TrainOptions extends RecipeOptions {
  readonly out?: string
  readonly resume?: true
  readonly epochs?: number
  readonly allowChangedData?: true
  readonly track?: readonly string[]
  readonly json?: true
}

/** `visuomotor train <recipe>` */
export function registerTrain(program: Command, output: Output): void {
  program
    .command('train')
    .description('train what a recipe describes, and test it')
    .argument('[recipe]', namedHelp(recipeSort))
    .option('--set <path=value>', 'replace a value of the recipe, as often as needed', collect)
    .option(
      '--epochs <number>',
      'the same as --set epochs=<number>; with --resume: go on to so many passes in all',
      parseEpochs,
    )
    .option('--seed <number>', 'the same as --set seed=<number>')
    .addOption(new Option('--device <name>', 'the same as --set machine.device=<name>').choices(deviceNames))
    .addOption(
      new Option('--on-bad-sample <what>', 'the same as --set batches.onBadSample=<what>').choices([
        'fail',
        'skip',
      ]),
    )
    .option('--memory-budget <size>', 'the same as --set machine.memoryBudget=<size>, such as 4GiB')
    .option('--store-teacher <directory>', 'the same as --set distillation.store.directory=<directory>')
    .option(
      '--out <directory>',
      'where the run is kept; an earlier run is moved aside (default: runs/<name>)',
    )
    .option(
      '--track <tracker>',
      'show the run in mlflow=URL or trackio=URL, too; as often as needed',
      collectTrackers,
    )
    .option('--resume', 'go on with the run that is kept there, by the recipe it began with')
    .option('--allow-changed-data', 'with --resume: go on although the data is not that of the checkpoint')
    .addOption(jsonOption())
    .action(async (recipe: string | undefined, options: TrainOptions) => {
      const { run, summary, isFirst } = await asMember((member) => carryOut(recipe, options, member, output))
      if (!isFirst) return
      if (!summary) {
        const resume = `npx visuomotor train --resume --out ${shellWord(run.directory)}`
        throw new Interrupted(`interrupted; go on with: ${resume}`)
      }
      const { stages = [], results } = summary
      if (stages.length > 0) output.note(textTable(stagesTable(stages)))
      if (options.json) output.result(JSON.stringify({ directory: run.directory, ...summary }, undefined, 2))
      else if (Object.keys(results).length > 0)
        output.result(textTable(run.objective.table(resultsWithControl(summary))))
      output.note(`next: npx visuomotor ${await nextCommand(run)}`)
    })
}

/** Train, as one of several members where there are several; only rank 0 of them talks. */
async function carryOut(
  recipe: string | undefined,
  options: TrainOptions,
  { rank, size }: Communicator,
  output: Output,
) {
  const isFirst = rank === 0
  const told = isFirst ? output : silent
  const run = await (options.resume ? reopen(recipe, options) : begin(recipe, options, told))
  const callbacks = [trainingProgress(told)]
  // A launcher that ends all members because one was killed says so itself.
  const { summary } = await interruptible(size > 1 ? silent : told, (signal) =>
    trainRun(run, {
      ...{ signal, callbacks, track: options.track ?? [] },
      allowChangedData: options.allowChangedData ?? false,
    }),
  )
  return { run, summary, isFirst }
}

/** A command that tries the run, on data that it has not seen, if there is any. */
function nextCommand({ directory, data, objective }: PreparedRun): Promise<string> {
  const source = Object.values(data.tests)[0] ?? data.validation ?? data.training
  return objective.next(directory, source)
}

const collect = (assignment: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  assignment,
]

/** @throws ConfigError of `trackerOf`, before anything is prepared. */
function collectTrackers(tracker: string, before: readonly string[] = []): readonly string[] {
  trackerOf(tracker)
  return [...before, tracker]
}

async function begin(
  recipe: string | undefined,
  options: TrainOptions,
  output: Output,
): Promise<PreparedRun> {
  if (options.allowChangedData)
    throw new ConfigError('cli/resume', '--allow-changed-data is for a run that goes on: add --resume')
  if (recipe === undefined) {
    throw new ConfigError('cli/no-recipe', `name a recipe: ${recipeNames.join(', ')} or a file of your own`)
  }
  const { epochs } = options
  const assignments = [...assignmentsOf(options), ...(epochs === undefined ? [] : [`epochs=${epochs}`])]
  const { registry, recipe: changed } = await loadRecipe(recipe, assignments)
  output.note(`preparing ${changed.name}`)
  let bar: Progress | undefined
  const run = await prepareRun(changed, options.out, registry, {
    onStart: (missing) => {
      const unit = changed.generate?.kind === 'tabletopEpisodes' ? 'episodes' : 'scenes'
      if (missing > 0) bar = progress(output, unit, missing)
    },
    onScene: () => bar?.advance(1),
    onStore: (samples) => {
      bar?.finish()
      bar = progress(output, 'outputs of the teachers', samples)
    },
    onStored: (samples) => bar?.advance(samples),
  })
  bar?.finish()
  return run
}

async function reopen(recipe: string | undefined, options: TrainOptions): Promise<PreparedRun> {
  const [assignment] = assignmentsOf(options)
  if (assignment !== undefined) {
    const message = `a run goes on by the recipe it began with: leave out '${assignment}', or begin another run`
    throw new ConfigError('cli/resume', message, { assignment })
  }
  const loaded = recipe !== undefined && isRecipeFile(recipe) ? await loadRecipe(recipe) : undefined
  const directory = options.out ?? (recipe && join('runs', loaded?.recipe.name ?? recipe))
  const { epochs } = options
  if (directory !== undefined)
    return reopenRun(directory, loaded?.registry, epochs === undefined ? {} : { epochs })
  throw new ConfigError('cli/resume', 'name the run to go on with: --out DIRECTORY')
}

/** A number of passes above 0. */
function parseEpochs(text: string): number {
  const epochs = Number(text)
  if (text.trim() !== '' && epochs > 0 && epochs < Number.POSITIVE_INFINITY) return epochs
  throw new InvalidArgumentError('It is a number above 0.')
}

function assignmentsOf(options: RecipeOptions): string[] {
  const { set = [], seed, device, onBadSample, memoryBudget, storeTeacher } = options
  const short = {
    seed,
    'machine.device': device,
    'machine.memoryBudget': memoryBudget,
    'batches.onBadSample': onBadSample,
    'distillation.store.directory': storeTeacher,
  }
  const given = Object.entries(short).filter(([, value]) => value !== undefined)
  return [...set, ...given.map(([key, value]) => `${key}=${value}`)]
}

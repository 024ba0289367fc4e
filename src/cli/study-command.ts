import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { samplers, type TrackedTrial } from '../compression/index.ts'
import { shellWord } from '../core/index.ts'
import {
  commandOf,
  comparisonOf,
  resultsOf,
  type SearchRequest,
  type Study,
  searchObjectiveNames,
  searchRecipe,
  studyFiles,
} from '../recipes/index.ts'
import { formatDuration, studyTable, textTable, trialText } from '../report/index.ts'
import { trainingProgress } from '../training/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { namedHelp, recipeSort } from './load-named.ts'
import { jsonOption, parseCount, parseSeed } from './options.ts'
import type { Output } from './output.ts'
import { limitsOf, requestOf, type StudyCommand, type StudyOptions, storedStudy } from './study-request.ts'

/** A command that searches values of a recipe. */
export function registerStudy(program: Command, output: Output, of: StudyCommand): void {
  program
    .command(of.name)
    .description(of.description)
    .argument('[recipe]', namedHelp(recipeSort))
    .option(
      '--space <file>',
      'what may vary: a .ts, .js or .json file (default: the space named as the recipe)',
    )
    .option(
      '--objectives <names>',
      `what is improved beside quality: ${searchObjectiveNames.join(', ')} (default: ${of.objectives.join(',')})`,
      names,
    )
    .addOption(
      new Option('--sampler <name>', 'how trials are chosen (default: tpe)').choices(Object.keys(samplers)),
    )
    .addOption(
      new Option(
        '--pruner <name>',
        'how poor trials are stopped at their validations (default: none)',
      ).choices(['none', 'asha', 'successive-halving']),
    )
    .option('--first-rung <epochs>', 'epochs before the first stop (default: the first validation)', positive)
    .option('--keep-one-in <count>', 'one in so many goes on from a rung (default: 4)', positive)
    .option('--cohort <count>', 'trials of successive halving that compete (default: 16)', parseCount)
    .option('--trials <count>', 'trials beside the own values (default: 20; of a grid all)', parseCount)
    .option('--minutes <number>', 'end after so many minutes; what runs then can go on later', positive)
    .option('--trial-minutes <number>', 'a trial that takes longer has failed (default: 60)', positive)
    .option('--batch <count>', 'samples of the batch whose latency is measured (default: 32)', parseCount)
    .option('--seed <number>', 'seed of the search; the recipe keeps its own (default: 0)', parseSeed)
    .option('--set <path=value>', 'replace a value of the recipe in every trial', collect)
    .option('--epochs <number>', 'the same as --set epochs=<number>', positive)
    .option('--no-own', "do not try the recipe's own values first")
    .option('--out <directory>', 'where the study is kept (default: studies/<name>)')
    .option('--resume', 'go on with the study that is kept there, also beside others who work on it')
    .addOption(jsonOption())
    .action((recipe: string | undefined, options: StudyOptions) => search(of, recipe, options, output))
}

async function search(
  of: StudyCommand,
  recipe: string | undefined,
  options: StudyOptions,
  output: Output,
): Promise<void> {
  const stored = options.resume ? storedStudy(recipe, options) : undefined
  const request = await requestOf(of, recipe, options, stored?.description)
  const directory = stored?.directory ?? options.out ?? join('studies', request.name)
  const { minutes } = options
  const { trials, trialMinutes } = limitsOf(options, request.sampler, stored?.description)
  output.note(
    `study in ${directory}: ${trials ?? 'all'} trials by ${request.sampler}, each at most ` +
      `${formatDuration(trialMinutes * 60)}${minutes === undefined ? '' : `, ${formatDuration(minutes * 60)} in all`}`,
  )
  const end = minutes === undefined ? [] : [AbortSignal.timeout(minutes * 60_000)]
  let stopped = false
  const study = await interruptible(
    output,
    async (signal) => {
      const result = await searchRecipe(request, {
        directory,
        resumes: options.resume === true,
        trials,
        trialMinutes,
        command: ownCommand(),
        measureModule: ownModule('measure-worker'),
        signal: AbortSignal.any([signal, ...end]),
        note: (text) => output.note(text),
        callbacks: [trainingProgress(output)],
        onTrial: (trial, study) => output.note(trialText(trial, study.description.objectives)),
      })
      stopped = signal.aborted
      return result
    },
    'stopping the trial after its step, with a checkpoint',
  )
  const resume = `npx visuomotor ${of.name} --resume --out ${shellWord(directory)}`
  if (stopped) throw new Interrupted(`interrupted; go on with: ${resume}`)
  if (end.some(({ aborted }) => aborted)) output.note(`the time is over; go on with: ${resume}`)
  tell(study, request, options, output)
}

/** Print what was found, and what it says of the recipe's own values. */
function tell(study: Study, { registry }: SearchRequest, { json }: StudyOptions, output: Output): void {
  const results = resultsOf(study, registry)
  const { objectives, front, own, verdict } = results
  const counts: Record<string, number> = {}
  for (const { state } of study.state.trials) counts[state] = (counts[state] ?? 0) + 1
  if (json) {
    const plain = (trial: TrackedTrial | undefined) =>
      trial && { number: trial.number, values: trial.values, measured: trial.measured }
    const found = { front: front.map(plain), own: plain(own), notWorse: plain(verdict) }
    output.result(JSON.stringify({ directory: study.directory, counts, ...found }, undefined, 2))
  } else if (front.length > 0) output.result(textTable(studyTable(front, objectives)))
  else output.note('no trial has finished')
  output.note(
    Object.entries(counts)
      .map(([state, count]) => `${count} ${state}`)
      .join(', '),
  )
  for (const sentence of comparisonOf(results)) output.note(sentence)
  output.note(`report: ${join(study.directory, studyFiles.report)}`)
  const [best] = front
  if (best) output.note(`next: npx visuomotor ${commandOf(study, verdict ?? best)}`)
}

const collect = (assignment: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  assignment,
]

const names = (text: string): string[] => text.split(',').map((name) => name.trim())

function positive(text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && number > 0 && number < Number.POSITIVE_INFINITY) return number
  throw new InvalidArgumentError('It is a number above 0.')
}

/** A module beside this one, compiled or not. */
const ownModule = (name: string): string =>
  fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url))

/** Words that start this command line in a process of its own; TypeScript sources are started through tsx. */
function ownCommand(): string[] {
  const main = ownModule('main')
  return [
    process.execPath,
    ...(main.endsWith('.ts') ? ['--import', import.meta.resolve('tsx/esm')] : []),
    main,
  ]
}

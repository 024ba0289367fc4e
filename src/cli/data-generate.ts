import { type Command, Option } from 'commander'
import { ConfigError } from '../core/index.ts'
import type { TabletopDescription } from '../data/index.ts'
import { formatNumber, textTable } from '../report/index.ts'
import {
  type ActionSpace,
  actionSpaces,
  type DatasetOptions,
  datasetDefaults,
  demonstratedTasks,
  type EpisodeOptions,
  type EpisodesDescription,
  episodeDefaults,
  type GenerateControls,
  generateDataset,
  generateEpisodes,
} from '../world/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { jsonOption, parseCount, parseFraction, parseSeed } from './options.ts'
import type { Output } from './output.ts'
import { type Progress, progress } from './progress.ts'
import { randomizationOf, randomizeFlag } from './randomize-option.ts'
import { listOf } from './rollout-flags.ts'

interface Flags {
  readonly scenes?: number
  readonly episodes?: number
  readonly tasks?: (typeof demonstratedTasks)[number][]
  readonly seed: number
  readonly out: string
  readonly size: number
  readonly setting: DatasetOptions['setting']
  readonly commands: number
  readonly captions: number
  readonly actionSpace?: ActionSpace
  readonly secondTries?: number
  readonly wrist: boolean
  readonly smooth?: boolean
  readonly randomize?: true | string
  readonly robot?: string
  readonly workers?: number
  readonly json?: true
}

/** `visuomotor data generate tabletop` */
export function registerDataGenerate(data: Command, output: Output): void {
  data
    .command('generate')
    .description('make a data set in simulation: pictures, commands and right answers for a robot')
    .addArgument(data.createArgument('<world>', 'which world').choices(['tabletop', 'tabletop-episodes']))
    .option('--scenes <count>', 'scenes of all splits together', parseCount)
    .option('--episodes <count>', 'of tabletop-episodes: demonstrations of all splits together', parseCount)
    .option(
      '--tasks <list>',
      `what commands ask for, in turn: some of ${demonstratedTasks.join(', ')} (default: of scenes anything, of episodes pick)`,
      listOf(demonstratedTasks),
    )
    .requiredOption('--out <directory>', 'where to write; a directory with a part of it is completed')
    .option('--seed <number>', 'another seed, other scenes', parseSeed, 0)
    .option('--size <pixels>', 'side of the square pictures', parseCount, datasetDefaults.size)
    .addOption(
      new Option('--setting <where>', 'scenes at the table, on the floor, or both in turn')
        .choices(['table', 'floor', 'both'])
        .default(datasetDefaults.setting),
    )
    .option('--commands <count>', 'commands for one scene at most', parseCount, datasetDefaults.commands)
    .option('--captions <count>', 'ways to say each command', parseCount, datasetDefaults.captions)
    .addOption(
      new Option(
        '--action-space <numbers>',
        "of tabletop-episodes: state and action in the angles of the arm's joints, or in the pose of its hand (default: joints)",
      ).choices(actionSpaces),
    )
    .option(
      '--second-tries <share>',
      'of tabletop-episodes: share of those that begin where a grasp missed (default: 0.3)',
      parseFraction,
    )
    .option('--no-wrist', "of tabletop-episodes: without the pictures of the wrist's camera")
    .option('--smooth', 'smooth edges, drawn in more time (default: scenes, not episodes)')
    .option('--no-smooth', 'jagged edges, drawn in less time')
    .option(randomizeFlag, 'vary light, surfaces and camera; ranges of your own from a JSON file')
    .option('--robot <file>', 'an MJCF of your own instead of the built-in robot')
    .option('--workers <count>', 'threads; they change no byte (default: one a core)', parseCount)
    .addOption(jsonOption())
    .action((world: string, flags: Flags) =>
      world === 'tabletop' ? generate(flags, output) : generateDemonstrations(flags, output),
    )
}

async function generate(flags: Flags, output: Output): Promise<void> {
  refuseOthers('tabletop', flags)
  const { result, rate } = await generated(flags, output, 'scenes', (controls) =>
    generateDataset(flags.out, optionsOf(flags), controls),
  )
  output.result(flags.json ? JSON.stringify(result, undefined, 2) : textOf(result))
  if (rate !== undefined)
    output.note(`${rate} scenes a second; look at them: visuomotor data preview tabletop:${flags.out}`)
}

/** Demonstrations of experts as LeRobot data sets. */
async function generateDemonstrations(flags: Flags, output: Output): Promise<void> {
  refuseOthers('tabletop-episodes', flags)
  const options = episodeOptionsOf(flags)
  const { result, rate } = await generated(flags, output, 'episodes', (controls) =>
    generateEpisodes(flags.out, options, controls),
  )
  output.result(flags.json ? JSON.stringify(result, undefined, 2) : episodesText(result))
  if (rate !== undefined)
    output.note(`${rate} episodes a second; look at them: visuomotor data preview lerobot:${flags.out}/train`)
}

/** Generate with progress, until it is done or interrupted. @returns The result, and units a second if some were made. */
async function generated<Result>(
  { workers }: Flags,
  output: Output,
  unit: 'scenes' | 'episodes',
  work: (controls: GenerateControls) => Promise<Result | undefined>,
): Promise<{ readonly result: Result; readonly rate: string | undefined }> {
  const start = performance.now()
  let bar: Progress | undefined
  let made = 0
  const stopping = 'stopping when what is in work is written'
  const controls = {
    ...(workers !== undefined && { workers }),
    onStart: (there: number, total: number) => {
      if (there > 0) output.note(`${formatNumber(there)} of ${formatNumber(total)} ${unit} are there already`)
      bar = progress(output, unit, total - there)
    },
    onScene: () => {
      made += 1
      bar?.advance(1)
    },
  }
  const result = await interruptible(output, (signal) => work({ ...controls, signal }), stopping)
  bar?.finish()
  if (result === undefined) {
    throw new Interrupted('interrupted; the same command goes on where this one stopped')
  }
  const rate = (1000 * made) / (performance.now() - start)
  return { result, rate: made > 0 ? formatNumber(rate, rate < 10 ? 1 : 0) : undefined }
}

/** Refuse options of the other sort of data. @throws ConfigError `cli/options`. */
function refuseOthers(world: 'tabletop' | 'tabletop-episodes', flags: Flags): void {
  const { scenes, episodes, actionSpace, secondTries, wrist } = flags
  const ofScenes = { '--scenes': scenes !== undefined }
  const ofEpisodes = {
    '--episodes': episodes !== undefined,
    '--action-space': actionSpace !== undefined,
    '--second-tries': secondTries !== undefined,
    '--no-wrist': !wrist,
  }
  const [own, others] = world === 'tabletop' ? [ofScenes, ofEpisodes] : [ofEpisodes, ofScenes]
  const [needed, isSaid] = Object.entries(own)[0]!
  const other = Object.entries(others).find(([, isGiven]) => isGiven)?.[0]
  if (other === undefined && isSaid) return
  const problem = other === undefined ? `say how many: ${needed}` : `${other} is no option of ${world}`
  throw new ConfigError('cli/options', problem, { world })
}

function optionsOf(flags: Flags): DatasetOptions {
  const { scenes, seed, size, setting, tasks, commands, captions, smooth, randomize, robot } = flags
  const randomization = randomizationOf(randomize)
  return {
    scenes: scenes!,
    seed,
    size,
    setting,
    ...(tasks && { tasks }),
    commands,
    captions,
    smooth: smooth ?? datasetDefaults.smooth,
    ...(randomization && { randomization }),
    ...(robot !== undefined && { robot }),
  }
}

function episodeOptionsOf({
  episodes,
  seed,
  tasks,
  actionSpace,
  secondTries,
  size,
  wrist,
  smooth,
  randomize,
  robot,
}: Flags): EpisodeOptions {
  const randomization = randomizationOf(randomize)
  return {
    episodes: episodes!,
    seed,
    tasks: tasks ?? episodeDefaults.tasks,
    actionSpace: actionSpace ?? episodeDefaults.actionSpace,
    secondTries: secondTries ?? episodeDefaults.secondTries,
    size,
    wrist,
    smooth: smooth ?? episodeDefaults.smooth,
    ...(randomization && { randomization }),
    ...(robot !== undefined && { robot }),
  }
}

function episodesText({ splits }: EpisodesDescription): string {
  const columns = ['Split', 'Episodes', 'Frames', 'Refused: unreachable', 'Failed', 'Disturbed others']
  const rows = Object.entries(splits).map(([split, { episodes, frames, refused }]) => [
    split,
    episodes,
    frames,
    refused.unreachable,
    refused.failed,
    refused.disturbed,
  ])
  return textTable({ columns: columns.map((title) => ({ title })), rows })
}

function textOf({ contents }: TabletopDescription): string {
  const { shards = [], refusals = {} } = contents ?? {}
  const splits = [...new Set(shards.map(({ split }) => split))]
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
  const rows = splits.map((split) => {
    const own = shards.filter((shard) => shard.split === split)
    return [
      split,
      sum(own.map(({ scenes }) => scenes)),
      sum(own.map(({ samples }) => samples.table)),
      sum(own.map(({ samples }) => samples.floor)),
    ]
  })
  const titles = ['Split', 'Scenes', 'Commands at the table', 'On the floor']
  const reasons = Object.entries(refusals).map(([reason, count]) => [reason, count])
  return [
    textTable({ columns: titles.map((title) => ({ title })), rows }),
    textTable({ columns: [{ title: 'Things without commands' }, { title: 'Count' }], rows: reasons }),
  ].join('\n\n')
}

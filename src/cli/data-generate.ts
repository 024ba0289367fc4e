import { type Command, Option } from 'commander'
import type { TabletopDescription } from '../data/index.ts'
import { formatNumber, textTable } from '../report/index.ts'
import { type DatasetOptions, datasetDefaults, generateDataset } from '../world/index.ts'
import { Interrupted } from './exit-code.ts'
import { interruptible } from './interruption.ts'
import { jsonOption, parseCount, parseSeed } from './options.ts'
import type { Output } from './output.ts'
import { type Progress, progress } from './progress.ts'
import { randomizationOf, randomizeFlag } from './randomize-option.ts'

interface Flags {
  readonly scenes: number
  readonly seed: number
  readonly out: string
  readonly size: number
  readonly setting: DatasetOptions['setting']
  readonly commands: number
  readonly captions: number
  readonly smooth: boolean
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
    .addArgument(data.createArgument('<world>', 'which world').choices(['tabletop']))
    .requiredOption('--scenes <count>', 'scenes of all splits together', parseCount)
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
    .option('--no-smooth', 'jagged edges, drawn in less time')
    .option(randomizeFlag, 'vary light, surfaces and camera; ranges of your own from a JSON file')
    .option('--robot <file>', 'an MJCF of your own instead of the built-in robot')
    .option('--workers <count>', 'threads; they change no byte (default: one a core)', parseCount)
    .addOption(jsonOption())
    .action((_world: string, flags: Flags) => generate(flags, output))
}

async function generate(flags: Flags, output: Output): Promise<void> {
  const start = performance.now()
  let bar: Progress | undefined
  let made = 0
  const stopping = 'stopping when the shards in work are written'
  const description = await interruptible(
    output,
    (signal) =>
      generateDataset(flags.out, optionsOf(flags), {
        ...(flags.workers !== undefined && { workers: flags.workers }),
        signal,
        onStart: (there, total) => {
          if (there > 0)
            output.note(`${formatNumber(there)} of ${formatNumber(total)} scenes are there already`)
          bar = progress(output, 'scenes', total - there)
        },
        onScene: () => {
          made += 1
          bar?.advance(1)
        },
      }),
    stopping,
  )
  bar?.finish()
  if (description === undefined) {
    throw new Interrupted('interrupted; the same command goes on where this one stopped')
  }
  const rate = (1000 * made) / (performance.now() - start)
  output.result(flags.json ? JSON.stringify(description, undefined, 2) : textOf(description))
  if (made > 0)
    output.note(
      `${formatNumber(rate, 0)} scenes a second; look at them: visuomotor data preview tabletop:${flags.out}`,
    )
}

function optionsOf({
  scenes,
  seed,
  size,
  setting,
  commands,
  captions,
  smooth,
  randomize,
  robot,
}: Flags): DatasetOptions {
  const randomization = randomizationOf(randomize)
  return {
    scenes,
    seed,
    size,
    setting,
    commands,
    captions,
    smooth,
    ...(randomization && { randomization }),
    ...(robot !== undefined && { robot }),
  }
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

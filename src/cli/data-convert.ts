import { existsSync, readdirSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { ConfigError, type DataError } from '../core/index.ts'
import {
  type BagEpisodes,
  bagEpisodes,
  type ConvertedForm,
  convertedForms,
  convertSource,
  openSource,
  readTopicMap,
  type Source,
  type VideoCodec,
} from '../data/index.ts'
import { formatNumber } from '../report/index.ts'
import { namedSource, namedSourceHelp } from './named-source.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

interface Flags {
  readonly to: ConvertedForm
  readonly cameras?: 'image' | 'video'
  readonly videoCodec?: VideoCodec
  readonly map?: string
  readonly onBadSample: 'fail' | 'skip'
  readonly json?: true
}

/** `visuomotor data convert <source> <directory> --to FORM` */
export function registerDataConvert(data: Command, output: Output): void {
  data
    .command('convert')
    .description('write a data set in another form')
    .argument('<source>', `${namedSourceHelp}; or mcap:FILES with --map`)
    .argument('<directory>', 'where to write; it is new or empty')
    .addOption(new Option('--to <form>', 'the form').choices(convertedForms).makeOptionMandatory())
    .addOption(
      new Option(
        '--cameras <kind>',
        'of lerobot: store cameras as images or videos (default: as they are)',
      ).choices(['image', 'video']),
    )
    .addOption(
      new Option('--video-codec <codec>', 'of lerobot: the codec (default: av1)').choices([
        'av1',
        'h264',
        'hevc',
      ]),
    )
    .option('--map <file>', 'of mcap:FILES: the JSON file that makes features of topics')
    .addOption(
      new Option('--on-bad-sample <what>', 'a sample that cannot be used')
        .choices(['fail', 'skip'])
        .default('fail'),
    )
    .addOption(jsonOption())
    .action((text: string, directory: string, flags: Flags) => convert(text, directory, flags, output))
}

async function convert(text: string, directory: string, flags: Flags, output: Output): Promise<void> {
  const { to, cameras, videoCodec, onBadSample, json } = flags
  if (to !== 'lerobot' && (cameras !== undefined || videoCodec !== undefined)) {
    const message = '--cameras and --video-codec are for --to lerobot: leave them out'
    throw new ConfigError('cli/options', message, {})
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    const message = `${directory} is not empty: name another directory, or empty it`
    throw new ConfigError('config/conversion', message, { directory })
  }
  const source = await opened(text, flags)
  const bar =
    'frames' in source ? progress(output, text, undefined) : progress(output, source.name, source.size)
  let leftOut = 0
  const onBad = (error: DataError) => {
    leftOut += 1
    output.note(`left out: ${error.message}`)
  }
  const done = await convertSource(
    source,
    { form: to, directory },
    {
      ...(cameras && { cameras }),
      ...(videoCodec && { videoCodec }),
      ...(onBadSample === 'skip' && { onBad }),
      onSample: () => bar.advance(1),
      onNote: output.note,
    },
  )
  bar.finish()
  for (const feature of done.leftOut)
    output.note(`not taken along: the feature "${feature}", which is no number and no camera`)
  const { samples, written } = done
  const bad = leftOut > 0 ? `, ${formatNumber(leftOut)} left out` : ''
  const next = to === 'mcap' ? 'open them in Foxglove:' : 'look at them: visuomotor data inspect'
  output.result(
    json
      ? JSON.stringify({ ...done, bad: leftOut }, undefined, 2)
      : `${formatNumber(samples)} samples written${bad}; ${next} "${written}"`,
  )
}

const bagScheme = 'mcap:'

/** The source of a command; bags with their map. */
async function opened(text: string, { map, onBadSample }: Flags): Promise<Source | BagEpisodes> {
  const isBag = text.startsWith(bagScheme)
  const wrong = (message: string) => new ConfigError('cli/options', message, {})
  if (!isBag && map !== undefined) throw wrong('--map is for mcap:FILES: leave it out')
  if (!isBag) {
    const { spec, registry } = await namedSource(text)
    return openSource(spec, registry?.sources)
  }
  if (map === undefined)
    throw wrong('mcap:FILES needs --map FILE, which says what topics become what features (docs/mcap.md)')
  if (onBadSample === 'skip')
    throw wrong('an episode of mcap:FILES is whole or an error: leave --on-bad-sample out')
  return bagEpisodes(text.slice(bagScheme.length), readTopicMap(map))
}

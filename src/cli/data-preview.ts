import type { Command } from 'commander'
import { ConfigError, writeFileAtomic } from '../core/index.ts'
import {
  openSource,
  type PreviewOptions,
  previewEpisode,
  previewSource,
  requireCamerasFit,
  requireLabelsFollow,
  type Source,
  standardAugmentation,
} from '../data/index.ts'
import { previewOptions } from '../recipes/index.ts'
import { episodePlayer, previewPage } from '../report/index.ts'
import { playedEpisode } from './episodes-contents.ts'
import { type NamedSource, namedSource, namedSourceHelp } from './named-source.ts'
import { jsonOption, parseCount, parseIndex } from './options.ts'
import type { Output } from './output.ts'
import { previewContents } from './preview-contents.ts'

interface PreviewCommandOptions {
  readonly out: string
  readonly samples: number
  readonly draws: number
  readonly episode?: number
  readonly json?: true
}

/** `visuomotor data preview <recipe|source> --out FILE.html` */
export function registerDataPreview(data: Command, output: Output): void {
  data
    .command('preview')
    .description(
      'write a page that shows samples before and after their transforms, or plays an episode of a robot',
    )
    .argument('<source>', namedSourceHelp)
    .requiredOption('--out <file>', 'the page to write')
    .option('--samples <count>', 'how many to show, evenly from the whole source', parseCount, 12)
    .option('--draws <count>', 'epochs to show each sample in', parseCount, 4)
    .option('--episode <number>', "play this of a robot's episodes, from 0 (default: the first)", parseIndex)
    .addOption(jsonOption())
    .action(async (text: string, { out, samples, draws, json, episode }: PreviewCommandOptions) => {
      const named = await namedSource(text)
      if (named.spec.kind === 'lerobot' && (episode !== undefined || named.recipe === undefined))
        return play(named.spec.directory, episode ?? 0, { out, json }, output)
      if (episode !== undefined) {
        const message = `--episode plays a robot's episode, of lerobot:DIRECTORY, and ${text} has none: leave it out`
        throw new ConfigError('cli/options', message, { source: text })
      }
      const source = openSource(named.spec, named.registry?.sources)
      const { note, ...options } = optionsOf(named, source)
      const preview = await previewSource({ source, samples, draws, ...options })
      const problems = [...new Set(preview.bad.map(({ message }) => message))]
      writeFileAtomic(out, previewPage(previewContents(source, preview, note, problems)))
      for (const problem of problems) output.note(`left out: ${problem}`)
      const ids = preview.samples.map(({ id }) => id)
      output.result(json ? JSON.stringify({ page: out, samples: ids, leftOut: problems }, undefined, 2) : out)
    })
}

/** Write the page that plays an episode. */
async function play(
  directory: string,
  episode: number,
  { out, json }: { readonly out: string; readonly json: true | undefined },
  output: Output,
): Promise<void> {
  const preview = await previewEpisode(directory, episode)
  writeFileAtomic(out, episodePlayer(playedEpisode(directory, preview)))
  output.result(json ? JSON.stringify({ page: out, episode, frames: preview.frames }, undefined, 2) : out)
}

type Settings = Omit<PreviewOptions, 'source' | 'samples' | 'draws'> & { readonly note: string }

/** Processing of the samples: the recipe's, or the default list without a recipe. */
function optionsOf({ recipe, registry }: NamedSource, source: Source): Settings {
  if (recipe)
    return { ...previewOptions(recipe, registry), note: `The transforms of the recipe ${recipe.name}.` }
  const augment = standardAugmentation(plainSize).filter((transform) => follows(transform, source))
  const names = augment.map(({ kind }) => kind).join(', ')
  return {
    seed: 0,
    resolution: plainSize,
    augment,
    note: `A source has no transforms of its own: these are the standard ones that its labels and cameras can follow, ${names}.`,
  }
}

/** Side of the images of a source without a recipe. */
const plainSize = 128

function follows(transform: Parameters<typeof requireLabelsFollow>[0][number], source: Source): boolean {
  try {
    requireLabelsFollow([transform], source.labels ?? {})
    requireCamerasFit({ source }, [transform])
    return true
  } catch {
    return false
  }
}

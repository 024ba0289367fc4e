import type { Command } from 'commander'
import { writeFileAtomic } from '../core/index.ts'
import {
  openSource,
  type PreviewOptions,
  previewSource,
  requireCamerasFit,
  requireLabelsFollow,
  type Source,
  standardAugmentation,
} from '../data/index.ts'
import { previewOptions } from '../recipes/index.ts'
import { previewPage } from '../report/index.ts'
import { type NamedSource, namedSource, namedSourceHelp } from './named-source.ts'
import { jsonOption, parseCount } from './options.ts'
import type { Output } from './output.ts'
import { previewContents } from './preview-contents.ts'

interface PreviewCommandOptions {
  readonly out: string
  readonly samples: number
  readonly draws: number
  readonly json?: true
}

/** `visuomotor data preview <recipe|source> --out FILE.html` */
export function registerDataPreview(data: Command, output: Output): void {
  data
    .command('preview')
    .description(
      'write a page that shows samples before and after their transforms, with captions and labels',
    )
    .argument('<source>', namedSourceHelp)
    .requiredOption('--out <file>', 'the page to write')
    .option('--samples <count>', 'how many to show, evenly from the whole source', parseCount, 12)
    .option('--draws <count>', 'epochs to show each sample in', parseCount, 4)
    .addOption(jsonOption())
    .action(async (text: string, { out, samples, draws, json }: PreviewCommandOptions) => {
      const named = await namedSource(text)
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

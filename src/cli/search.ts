import type { Command } from 'commander'
import { ConfigError, writeFileAtomic } from '../core/index.ts'
import { imageFiles, type Sample, type Source, textKnowledge, thumbnail } from '../data/index.ts'
import { type CheckpointChoice, DualEncoderRuntime } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'
import { evaluationLoader } from '../evaluation/index.ts'
import { nearest } from '../metrics/index.ts'
import { type SearchResult, searchPage, type Table, textTable } from '../report/index.ts'
import { checkpointOption, deviceOption, jsonOption, parseCount, threadsOption } from './options.ts'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

interface SearchOptions {
  readonly images: string
  readonly top: number
  readonly html?: string
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly threads?: number
  readonly json?: true
}

/** A result of a search: an image, and its cosine similarity to the query in [−1, 1]. */
interface Found {
  readonly file: string
  readonly similarity: number
}

/** `visuomotor search <model> <text> --images DIRECTORY` */
export function registerSearch(program: Command, output: Output): void {
  program
    .command('search')
    .description('find the images of a folder that are nearest to a text')
    .argument('<model>', 'a bundle, a run, or a CLIP or SigLIP folder of Hugging Face')
    .argument('<text>', 'what to look for')
    .requiredOption('--images <directory>', 'where to look, in the folders inside it too')
    .option('--top <count>', 'how many to show', parseCount, 12)
    .option('--html <file>', 'also write a page that shows them')
    .addOption(checkpointOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (model: string, query: string, options: SearchOptions) => {
      requireWords(query)
      const source = picturesOf(options.images)
      const runtime = await DualEncoderRuntime.load(model, {
        ...options,
        onNote: (text) => output.note(text),
      })
      tellWhatIsRead(query, runtime, output)
      const found = await search(runtime, query, source, options.top, output)
      output.result(
        options.json ? JSON.stringify({ query, ...found }, undefined, 2) : textTable(tableOf(found.results)),
      )
      if (options.html === undefined) return
      await writePage(options.html, query, found.results)
      output.note(`the pictures are in ${options.html}`)
    })
}

function requireWords(query: string): void {
  if (query.trim() !== '') return
  throw new ConfigError(
    'cli/empty-query',
    'there is nothing to look for: say it in words, as "a red apple"',
    {
      query,
    },
  )
}

/**
 * Note the words of a query that the model never learned, and that only the beginning of a query is used that is longer
 * than the model's texts.
 */
function tellWhatIsRead(
  query: string,
  { description: { model, tokenizer } }: DualEncoderRuntime,
  output: Output,
): void {
  const { unlearned } = textKnowledge(tokenizer.config)(query)
  if (unlearned.length > 0)
    output.note(`the model never learned ${unlearned.map((word) => `"${word}"`).join(', ')}`)
  const length = model.inputs.text.length
  const { tokens, inputIds } = tokenizer.encode(query, length)
  if (tokens <= length) return
  output.note(
    `the query is longer than the ${length} tokens, with its start and end, that the model reads. It looks for: ` +
      JSON.stringify(tokenizer.decode(inputIds)),
  )
}

/** The images of a folder as a source without texts. */
function picturesOf(directory: string): Source {
  const files = imageFiles(directory)
  const samples = files.map(
    (file): Sample => ({ id: file, image: { file }, captions: [''], origin: { file } }),
  )
  return {
    name: `images(${directory})`,
    size: files.length,
    async *samples({ skip = 0 } = {}) {
      yield* samples.slice(skip)
    },
  }
}

/** The nearest images of a source, best first; equally near ones in the source's order. */
async function search(
  runtime: DualEncoderRuntime,
  query: string,
  source: Source,
  top: number,
  output: Output,
) {
  const vector = await runtime.embedTexts([query])
  const batches = evaluationLoader(runtime.description.image, source, { onBadSample: 'skip' })
  const bar = progress(output, 'images', source.size)
  let searched = 0
  let results: Found[] = []
  for await (const { ids, arrays } of batches) {
    const features = await runtime.runner.encodeImages(arrays.pixelValues!)
    for (const { index, similarity } of nearest(vector, features, vector.length, top)) {
      results.push({ file: ids[index]!, similarity })
    }
    results = results.sort((a, b) => b.similarity - a.similarity).slice(0, top)
    searched += ids.length
    bar.advance(ids.length)
  }
  bar.finish()
  const unreadable = batches.badSamples.map(({ id }) => id)
  if (unreadable.length > 0) output.note(`left out, because they cannot be read: ${unreadable.join(', ')}`)
  return { searched, unreadable, results }
}

const tableOf = (results: readonly Found[]): Table => ({
  columns: [{ title: 'Rank' }, { title: 'Similarity', digits: 3 }, { title: 'File' }],
  rows: results.map(({ file, similarity }, i) => [i + 1, similarity, file]),
})

async function writePage(path: string, query: string, found: readonly Found[]): Promise<void> {
  const results: SearchResult[] = []
  for (const { file, similarity } of found) {
    results.push({ file, similarity, picture: await thumbnail({ image: { file } }) })
  }
  writeFileAtomic(path, searchPage({ query, results }))
}

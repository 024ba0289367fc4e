import type { Command } from 'commander'
import { ConfigError, joinRows, splitRows, writeFileAtomic } from '../core/index.ts'
import { imageFiles, type Sample, type Source, textKnowledge, thumbnail } from '../data/index.ts'
import { type CheckpointChoice, DualEncoderRuntime, ImageIndex } from '../deploy/index.ts'
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
  readonly index?: string
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
    .argument('<model>', 'a bundle, a run, or a folder of Hugging Face with a dual encoder')
    .argument('<text>', 'what to look for')
    .requiredOption('--images <directory>', 'where to look, in the folders inside it too')
    .option('--top <count>', 'how many to show', parseCount, 12)
    .option('--html <file>', 'also write a page that shows them')
    .option('--index <file>', 'keep the features of the images, so that only what changes is encoded again')
    .addOption(checkpointOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (model: string, query: string, options: SearchOptions) => {
      requireWords(query)
      const files = imageFiles(options.images)
      const runtime = await DualEncoderRuntime.load(model, {
        ...options,
        onNote: (text) => output.note(text),
      })
      tellWhatIsRead(query, runtime, output)
      const index =
        options.index === undefined
          ? undefined
          : await ImageIndex.open(options.index, options.images, runtime)
      const found = await search({ runtime, query, files, top: options.top, index, output })
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

/** Images as a source without texts. */
function picturesOf(files: readonly string[]): Source {
  const samples = files.map(
    (file): Sample => ({ id: file, image: { file }, captions: [''], origin: { file } }),
  )
  return {
    name: 'images',
    size: files.length,
    async *samples({ skip = 0 } = {}) {
      yield* samples.slice(skip)
    },
  }
}

interface Search {
  readonly runtime: DualEncoderRuntime
  readonly query: string
  /** Images in alphabetical order. */
  readonly files: readonly string[]
  readonly top: number
  readonly index: ImageIndex | undefined
  readonly output: Output
}

/** The nearest of the images, best first; equally near ones in their order. */
async function search({ runtime, query, files, top, index, output }: Search) {
  const vector = await runtime.embedTexts([query])
  let results: Found[] = []
  const consider = (names: readonly string[], features: Float32Array) => {
    const near = nearest(vector, features, vector.length, top)
    const found = near.map(({ index: row, similarity }) => ({ file: names[row]!, similarity }))
    const better = (a: Found, b: Found) => b.similarity - a.similarity || (a.file < b.file ? -1 : 1)
    results = [...results, ...found].sort(better).slice(0, top)
  }
  const kept = files.flatMap((file) => {
    const features = index?.features(file)
    return features ? [{ file, features }] : []
  })
  consider(
    kept.map(({ file }) => file),
    joinRows(kept.map(({ features }) => features)),
  )
  const known = new Set(kept.map(({ file }) => file))
  const others = files.filter((file) => !known.has(file))
  const unreadable: readonly string[] =
    others.length > 0
      ? await encode(others, runtime, output, (names, features) => {
          consider(names, features)
          for (const [row, image] of splitRows(features, names.length).entries())
            index?.add(names[row]!, image)
        })
      : []
  if (unreadable.length > 0) output.note(`left out, because they cannot be read: ${unreadable.join(', ')}`)
  const encoded = others.length - unreadable.length
  if (index) keep(index, files, { kept: kept.length, encoded }, output)
  return { searched: kept.length + encoded, unreadable, results }
}

/** Encode images, batch after batch. @returns Those that cannot be read. */
async function encode(
  files: readonly string[],
  runtime: DualEncoderRuntime,
  output: Output,
  onBatch: (files: readonly string[], features: Float32Array) => void,
): Promise<string[]> {
  const batches = evaluationLoader(runtime.description.image, picturesOf(files), { onBadSample: 'skip' })
  const bar = progress(output, 'images', files.length)
  for await (const { ids, arrays } of batches) {
    onBatch(ids, await runtime.runner.encodeImages(arrays.pixelValues!))
    bar.advance(ids.length)
  }
  bar.finish()
  return batches.badSamples.map(({ id }) => id)
}

/** Write an index, and tell how much of it could be used. */
function keep(
  index: ImageIndex,
  files: readonly string[],
  { kept, encoded }: { readonly kept: number; readonly encoded: number },
  output: Output,
): void {
  const gone = index.retain(files)
  index.save()
  const stale = index.state === 'of another model' ? `${index.file} was an index of another model. ` : ''
  const forgotten = gone > 0 ? `, and ${gone} that ${gone === 1 ? 'is' : 'are'} gone forgotten` : ''
  output.note(`${stale}${kept} images taken from the index ${index.file}, ${encoded} encoded${forgotten}`)
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

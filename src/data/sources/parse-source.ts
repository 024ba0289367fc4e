import { ConfigError, didYouMean } from '../../core/index.ts'
import { type LeafSpec, type SourceSpec, sourceSpec } from './source-spec.ts'

/** Kinds of sources that a line of text can name. */
type WrittenKind = Exclude<LeafSpec['kind'], 'own'>

/** Form of each kind in a line of text, and the parser of the text after the colon. */
const forms: Readonly<Record<WrittenKind, { form: string; parts: (text: string) => object }>> = {
  emoji: { form: 'emoji:SPLIT', parts: (split) => ({ split }) },
  folder: { form: 'folder:DIRECTORY?captions=FILE&image=COLUMN&caption=COLUMN', parts: folderParts },
  classFolders: { form: 'classFolders:DIRECTORY', parts: (directory) => ({ directory }) },
  parquet: { form: 'parquet:FILES?image=COLUMN&caption=COLUMN', parts: parquetParts },
  webdataset: { form: 'webdataset:SHARDS', parts: (shards) => ({ shards }) },
  lerobot: {
    form: 'lerobot:DIRECTORY?episodes=0:40&cameras=KEY,KEY&chunk=50&observationSteps=2&dropLastFrames=10',
    parts: lerobotParts,
  },
  tabletop: { form: 'tabletop:DIRECTORY?split=SPLIT&setting=table', parts: directoryParts },
}

/**
 * Parse a source from a line of text, as in commands:
 *
 *     emoji:heldOutStyle
 *     folder:photos?captions=captions.csv      the file may be left out: captions.jsonl
 *     folder:photos?captions=metadata.csv&image=file_name&caption=text    columns not called file and caption
 *     classFolders:photos                      a folder for each class, as ImageFolder
 *     webdataset:shards-{000..009}.tar
 *     parquet:train-*.parquet?caption=text     columns that are not called image and caption
 *     lerobot:my-robot?episodes=0:40&chunk=50    all episodes and cameras, and one action, where nothing is said
 *     tabletop:my-scenes?split=heldOutPairs&setting=table    both may be left out: train, everywhere
 *
 * @throws ConfigError `config/source` that names the nearest source or split.
 */
export function parseSource(text: string): SourceSpec {
  const colon = text.indexOf(':')
  const kind = colon < 0 ? text : text.slice(0, colon)
  if (!Object.hasOwn(forms, kind)) throw unknown(text, 'kind', kind, Object.keys(forms))
  const { form, parts } = forms[kind as WrittenKind]
  const rest = text.slice(kind.length + 1)
  if (rest === '') throw wrong(text, `write it as ${form}`)
  const given: Record<PropertyKey, unknown> = { kind, ...parts(rest) }
  const result = sourceSpec.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'invalid_value')
    throw unknown(text, String(issue.path[0]), String(given[issue.path[0]!]), issue.values.map(String))
  throw wrong(text, `${issue?.message}; write it as ${form}`)
}

function directoryParts(text: string): object {
  const { path, settings } = settingsOf(text)
  return { directory: path, ...settings }
}

/** Parts of a robot's episodes: commas separate cameras, and episodes in a list. */
function lerobotParts(text: string): object {
  const { path, settings } = settingsOf(text)
  const { cameras, episodes, chunk, observationSteps, dropLastFrames, ...others } = settings
  return {
    directory: path,
    ...others,
    ...(cameras !== undefined && { cameras: cameras.split(',') }),
    ...(episodes !== undefined && {
      episodes: /^\d+(,\d+)*$/.test(episodes) ? episodes.split(',').map(Number) : episodes,
    }),
    ...(chunk !== undefined && { chunk: Number(chunk) }),
    ...(observationSteps !== undefined && { observationSteps: Number(observationSteps) }),
    ...(dropLastFrames !== undefined && { dropLastFrames: Number(dropLastFrames) }),
  }
}

/** Parts of a folder with a captions file. */
function folderParts(text: string): object {
  const { path, settings } = settingsOf(text)
  return { directory: path, ...settings, ...captionColumns(settings) }
}

/** Parts of a Parquet source. */
function parquetParts(text: string): object {
  const { path, settings } = settingsOf(text)
  return { files: path, ...settings, ...captionColumns(settings) }
}

/** Several columns of captions; commas separate them. */
function captionColumns({ caption = '' }: Record<string, string>): object {
  const captions = caption.split(',')
  return captions.length > 1 ? { caption: captions } : {}
}

/** Settings after the last `?`, if it is followed by `key=value`: a directory or a pattern may contain one too. */
function settingsOf(text: string): { path: string; settings: Record<string, string> } {
  const at = text.lastIndexOf('?')
  if (at < 0 || !text.includes('=', at)) return { path: text, settings: {} }
  const settings = text
    .slice(at + 1)
    .split(/&(?=\w+=)/)
    .map((setting) => setting.split(/=(.*)/s, 2))
  return { path: text.slice(0, at), settings: Object.fromEntries(settings) }
}

const unknown = (text: string, what: string, name: string, known: readonly string[]): ConfigError =>
  wrong(text, `there is no ${what} '${name}'${didYouMean(name, known)}`)

const wrong = (source: string, problem: string): ConfigError =>
  new ConfigError('config/source', `"${source}" is not a source of data: ${problem}`, { source })

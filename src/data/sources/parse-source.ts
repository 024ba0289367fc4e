import { ConfigError, nearestName } from '../../core/index.ts'
import { type SourceSpec, sourceSpec } from './source-spec.ts'

/** How each source is written in a line of text, and what the parts after the colon are. */
const forms: Readonly<Record<SourceSpec['source'], { form: string; parts: (text: string) => object }>> = {
  emoji: { form: 'emoji:SPLIT', parts: (split) => ({ split }) },
  folder: { form: 'folder:DIRECTORY?captions=FILE', parts: folderParts },
  webdataset: { form: 'webdataset:SHARDS', parts: (shards) => ({ shards }) },
}

/**
 * A source from a line of text, as commands take it:
 *
 *     emoji:heldOutStyle
 *     folder:photos?captions=captions.csv      the file may be left out: captions.jsonl
 *     webdataset:shards-{000..009}.tar
 *
 * @throws ConfigError `config/source` that names the nearest source or split.
 */
export function parseSource(text: string): SourceSpec {
  const colon = text.indexOf(':')
  const source = colon < 0 ? text : text.slice(0, colon)
  if (!Object.hasOwn(forms, source)) throw unknown(text, source, Object.keys(forms))
  const { form, parts } = forms[source as SourceSpec['source']]
  const rest = text.slice(source.length + 1)
  if (rest === '') throw wrong(text, `write it as ${form}`)
  const result = sourceSpec.safeParse({ source, ...parts(rest) })
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.code === 'invalid_value') throw unknown(text, rest, issue.values.map(String))
  throw wrong(text, `${issue?.message}; write it as ${form}`)
}

/** The last `?` begins the setting, so that a directory may have one in its name. */
function folderParts(text: string): object {
  const at = text.lastIndexOf('?')
  if (at < 0) return { directory: text }
  const [key = '', ...value] = text.slice(at + 1).split('=')
  return { directory: text.slice(0, at), [key]: value.join('=') }
}

function unknown(text: string, name: string, known: readonly string[]): ConfigError {
  const nearest = nearestName(name, known)
  const hint = nearest === undefined ? '' : `did you mean "${nearest}"? `
  return wrong(text, `${hint}There are ${known.join(', ')}`)
}

const wrong = (source: string, problem: string): ConfigError =>
  new ConfigError('config/source', `"${source}" is not a source of data: ${problem}`, { source })

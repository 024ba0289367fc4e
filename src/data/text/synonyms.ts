import { z } from 'zod'
import { checkedParameters, probability } from '../transform-parameters.ts'
import { indefiniteArticle } from './indefinite-article.ts'
import { wordsOf } from './learned-words.ts'
import { withCaseOf } from './letter-case.ts'
import { meaningWords } from './meaning-words.ts'
import { roboticsSynonyms } from './robotics-synonyms.ts'
import type { TextTransformKind } from './text-transform.ts'

/** Phrases in lower case with their replacements. */
export type SynonymTable = Readonly<Record<string, readonly string[]>>

const table = z
  .record(z.string().regex(/\S/), z.array(z.string().regex(/\S/)).min(1).readonly())
  .readonly()
  .superRefine((phrases, context) => {
    for (const [phrase, replacements] of Object.entries(phrases)) {
      const wrong = replacements.find((other) => meaningOf(other) !== meaningOf(phrase))
      if (wrong === undefined) continue
      const message = `"${wrong}" for "${phrase}" would change a colour, a number or a relation`
      context.addIssue({ code: 'custom', path: [phrase], message })
    }
  })

/** Words of a phrase for colour, number and place. An initial "on" or "in" is a place, the "on" of "turn on" is not. */
const meaningOf = (phrase: string): string =>
  [
    ...(phrase.toLowerCase().match(/^\s*(?:on|in|off|out|up|down|over)\b/) ?? []),
    ...meaningWords(phrase),
  ].join()

const schema = z.strictObject({
  kind: z.literal('synonyms'),
  probability: probability.default(0.5),
  table: table.optional(),
})

/** Parameters of `synonyms`. */
export type Synonyms = z.output<typeof schema>

/**
 * Replace phrases by synonyms: each phrase of `table` (default `roboticsSynonyms`) in the text is replaced, with
 * `probability` (default 0.5) and each time anew, by one of its synonyms. The longest phrase counts, "humanoid robot"
 * before "robot"; whole words only; letter case is kept, and "a" becomes "an" where necessary.
 *
 * Own words beside the built-in ones: `synonyms({ table: { ...roboticsSynonyms, beaker: ['cup'] } })`.
 * @throws ConfigError `augment/parameters` when the probability is outside [0, 1], or when a synonym would change a
 * colour, a number or a relation.
 */
export const synonyms = (options: { probability?: number; table?: SynonymTable } = {}): Synonyms =>
  checkedParameters(schema, { kind: 'synonyms', ...options })

export const synonymsKind: TextTransformKind<Synonyms> = {
  schema,
  apply(text, { probability, table = roboticsSynonyms }, random) {
    if (probability === 0) return text
    const { pattern, replacements } = compiled(table)
    return text.replace(pattern, (match, article: string | undefined, space: string, phrase: string) => {
      const others = replacements.get(keyOf(phrase))
      if (others === undefined || !random.chance(probability)) return match
      const other = withCaseOf(phrase, random.pick(others))
      return article === undefined ? other : articleBefore(article, phrase, other) + space + other
    })
  },
  words({ probability, table = roboticsSynonyms }, isKnown) {
    if (probability === 0) return []
    return Object.entries(table)
      .filter(([phrase]) => wordsOf(phrase).every(isKnown))
      .flatMap(([, others]) => others.flatMap(wordsOf))
  },
}

/** Form of `article` that fits `other`; it stays as the author wrote it where the sound does not change. */
function articleBefore(article: string, phrase: string, other: string): string {
  const fitting = indefiniteArticle(other)
  return fitting === indefiniteArticle(phrase) ? article : withCaseOf(article, fitting)
}

interface CompiledTable {
  readonly pattern: RegExp
  readonly replacements: ReadonlyMap<string, readonly string[]>
}

/** Patterns of tables, made at first use: a table has hundreds of phrases and captions come by the million. */
const compiledTables = new WeakMap<SynonymTable, CompiledTable>()

function compiled(table: SynonymTable): CompiledTable {
  const known = compiledTables.get(table)
  if (known !== undefined) return known
  const replacements = new Map(Object.entries(table).map(([phrase, others]) => [keyOf(phrase), others]))
  const phrases = [...replacements.keys()]
    .sort((a, b) => b.length - a.length)
    .map((phrase) => phrase.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(' ', '\\s+'))
    .join('|')
  // A hyphen joins: "cup" is no word of "cup-shaped".
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}_-])(?:(an?)(\\s+))?(${phrases || '(?!)'})(?![\\p{L}\\p{N}_]|-[\\p{L}\\p{N}])`,
    'giu',
  )
  const result = { pattern, replacements }
  compiledTables.set(table, result)
  return result
}

const keyOf = (phrase: string): string => phrase.trim().toLowerCase().replaceAll(/\s+/g, ' ')

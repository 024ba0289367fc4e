import { z } from 'zod'
import { checkedParameters, probability } from '../transform-parameters.ts'
import { kindOfText } from './command.ts'
import { indefiniteArticle } from './indefinite-article.ts'
import { wordsOf } from './learned-words.ts'
import { capitalize, isCapitalized } from './letter-case.ts'
import type { TextTransformKind } from './text-transform.ts'

const templates = z
  .array(z.string().regex(/^[^{}]*\{\}[^{}]*$/, 'a template has one {}, where the whole text goes'))
  .min(1)
  .readonly()

const schema = z.strictObject({
  kind: z.literal('paraphrase'),
  probability: probability.default(0.3),
  templates: z.strictObject({ descriptions: templates, commands: templates }).readonly().optional(),
})

/** Parameters of `paraphrase`. */
export type Paraphrase = z.output<typeof schema>

/** Frames for texts, `{}` being the whole text. "a {}" fits texts without an article and may become "an {}". */
export interface ParaphraseTemplates {
  /** Frames for captions, as "a red cup". */
  readonly descriptions: readonly string[]
  /** Frames for commands, as "pick up the red cup". */
  readonly commands: readonly string[]
}

/** The built-in templates of `paraphrase`. */
export const paraphraseTemplates: ParaphraseTemplates = {
  descriptions: [
    'a picture of {}',
    'a photo of {}',
    'an image of {}',
    'a view of {}',
    'this is {}',
    'here you see {}',
    'a picture that shows {}',
    '{} in a picture',
  ],
  commands: [
    'please {}',
    '{} please',
    'could you {}?',
    'can you {}?',
    'would you {}?',
    'can you {} for me?',
    "I'd like you to {}",
    'your task is to {}',
    'now {}',
  ],
}

/**
 * Paraphrase a text by a frame: with `probability` (default 0.3) it is put into one of `templates` (default
 * `paraphraseTemplates`), a command into one for commands, a description into one for descriptions; a text that may be
 * either stays as it is. The whole text is kept, so no colour, number or relation is lost; only its first capital and
 * its full stop move to the frame.
 *
 * Own templates: `paraphrase({ templates: { ...paraphraseTemplates, descriptions: ['a sketch of {}'] } })`.
 * @throws ConfigError `augment/parameters` for a probability outside [0, 1] or a template without one `{}`.
 */
export const paraphrase = (
  options: { probability?: number; templates?: ParaphraseTemplates } = {},
): Paraphrase => checkedParameters(schema, { kind: 'paraphrase', ...options })

export const paraphraseKind: TextTransformKind<Paraphrase> = {
  schema,
  apply(text, { probability, templates = paraphraseTemplates }, random) {
    if (!random.chance(probability)) return text
    const kind = kindOfText(text)
    if (kind === 'unsure') return text
    const all = kind === 'command' ? templates.commands : templates.descriptions
    const fitting = hasDeterminer.test(text) ? all.filter((template) => !withArticle.test(template)) : all
    return fitting.length === 0 ? text : frame(random.pick(fitting), text.trim())
  },
  words: ({ probability, templates = paraphraseTemplates }) =>
    probability === 0 ? [] : [...templates.commands, ...templates.descriptions].flatMap(wordsOf),
}

/** Pattern of a template that brings its own article. */
const withArticle = /(?<![\p{L}\p{N}])an? \{\}/u

/** Pattern of texts that take no article: they have one, or a number or possessive in its place. */
const hasDeterminer =
  /^\s*(?:an?|the|this|that|these|those|some|any|no|my|your|his|her|its|our|their|all|both|every|each|several|many|few|one|two|three|four|five|six|seven|eight|nine|ten|\d+)(?![\p{L}\p{N}])/iu

function frame(template: string, text: string): string {
  const end = endOfSentence(text)
  const [body, stop] = [text.slice(0, end), text.slice(end)]
  const startsAnew = isCapitalized(body) && opensWithFunctionWord(body)
  const inner = startsAnew && !template.startsWith('{}') ? body.charAt(0).toLowerCase() + body.slice(1) : body
  const fitted = template.replace(withArticle, () => `${indefiniteArticle(inner)} {}`)
  const framed = fitted.replace('{}', () => inner)
  const ended = /[.!?]$/.test(fitted) ? framed : framed + stop
  return isCapitalized(body) ? capitalize(ended) : ended
}

/** Place where full stops and exclamation marks begin that end a text. (A pattern takes the square of their number.) */
function endOfSentence(text: string): number {
  let end = text.length
  while (text[end - 1] === '.' || text[end - 1] === '!') end--
  return end
}

/** Test for a first capital that only marks the start: "Pick up …" and "A cup" may lose it, "German flag" may not. */
const opensWithFunctionWord = (text: string): boolean =>
  kindOfText(text) === 'command' || hasDeterminer.test(text)

import { optionalPackage } from '../../core/index.ts'

/** Actions and objects in a command or caption. */
export interface ActionsAndObjects {
  /** Verbs in the infinitive, "be" excepted, with their particle: `pick up`. */
  readonly actions: readonly string[]
  /** Inanimate objects and people, in the singular and without article or adjective: `coffee cup`. */
  readonly objects: readonly string[]
}

interface VerbJson {
  readonly verb: { readonly infinitive: string; readonly grammar: { readonly copula: boolean } }
}

/**
 * Extract the verbs and nouns of `text`, each once, in the order of the text, by part-of-speech tags (compromise). Some
 * 4 ms a text, and 0.15 s for the first, as the library is loaded only then.
 */
export async function extractActionsAndObjects(text: string): Promise<ActionsAndObjects> {
  const { default: nlp } = await optionalPackage(
    'compromise',
    'finding verbs and nouns',
    () => import('compromise'),
  )
  const tagged = nlp(text, { 'trash can': 'Singular', 'garbage can': 'Singular' })
  // The tagger takes "left" for the past of "leave", the "-ing" of a caption ("two dogs playing") for a noun, and
  // "the" for one after "right of".
  tagged.match('(the|a|an)').tag('Determiner')
  tagged.match('(left|right) of').tag('Preposition')
  tagged.match('#Verb [(left|right)]', 0).tag('Adverb')
  tagged.match('(#Plural|#Actor|#Person|#Copula) [/ing$/]', 0).tag('Gerund')
  tagged.match('[#Copula] #Gerund', 0).tag('Auxiliary')
  const verbs = tagged.verbs().json() as readonly VerbJson[]
  tagged.nouns().toSingular()
  const nouns = tagged.match('#Noun+').not('(#Pronoun|#Possessive|#Gerund|#Determiner)')
  const actions = verbs.filter(({ verb }) => !verb.grammar.copula).map(({ verb }) => verb.infinitive)
  const objects = (nouns.out('array') as readonly string[]).map((noun) => noun.replaceAll(/[.,;:!?"()]/g, ''))
  return { actions: distinct(actions), objects: distinct(objects) }
}

const distinct = (words: readonly string[]): string[] => [
  ...new Set(words.map((word) => word.toLowerCase()).filter((word) => word !== '')),
]

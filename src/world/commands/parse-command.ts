import { excerpt, nearestName, WorldError } from '../../core/index.ts'
import { type ColorName, colorNames } from '../scene/colors.ts'
import { type KindName, kindNames } from '../scene/kinds.ts'
import type { Action, Command, Placing, Reference } from './command.ts'
import { phrasings } from './phrasings.ts'
import { anyThing, directionPhrases, placePhrases, relationPhrases } from './write-reference.ts'

/** Politeness without effect on the meaning. */
const polite =
  /^(?:(?:please|now),? |(?:could|can|would) you (?:please )?|i(?:'d like| want) you to |your task is to )+|,? (?:please|for me)$/g

const oneOf = (phrases: readonly string[]): string => phrases.join('|')
/** Meanings by phrase, the longest phrase first. */
const byPhrase = <Meant extends string>(phrases: Readonly<Record<Meant, readonly string[]>>) =>
  new Map(
    Object.entries<readonly string[]>(phrases)
      .flatMap(([meant, some]) => some.map((phrase) => [phrase, meant as Meant] as const))
      .sort(([a], [b]) => b.length - a.length),
  )
const relationOf = byPhrase(relationPhrases)
const placingOf = byPhrase(placePhrases)
const directionOf = byPhrase(directionPhrases)
const [relationPattern, placingPattern, directionPattern] = [relationOf, placingOf, directionOf].map(
  (phrases) => oneOf([...phrases.keys()]),
) as [string, string, string]
const simple = `the (?:(${oneOf(colorNames)}) )?(${oneOf([...kindNames, ...anyThing])})`
const referencePattern = new RegExp(`^${simple}(?: (?:that is |which is )?(${relationPattern}) (the .+))?$`)
const simplePattern = new RegExp(`^${simple}$`)
const placePattern = new RegExp(`^(${placingPattern}) (the .+)$`)

const sentences = Object.entries(phrasings).flatMap(([action, { trained, heldOut }]) =>
  [...trained, ...heldOut].map((phrasing) => ({ action: action as Action, pattern: patternOf(phrasing) })),
)

/** Pattern of a phrasing, `put {thing} {place}`, with its groups; the first words of a place end the object's. */
function patternOf(phrasing: string): RegExp {
  const pattern = phrasing
    .replace('{thing}', '(?<thing>the .+?)')
    .replace('{place}', `(?<place>(?:${placingPattern}) the .+?)`)
    .replace('{direction}', `(?<direction>${directionPattern})`)
  return new RegExp(`^${pattern.replace(/^please /, '')}$`)
}

/**
 * Parse a command: one of the sentences of `phrasings`, in any letter case and politeness.
 * @throws WorldError `world/unknown-command` for other sentences; names the unknown word.
 */
export function parseCommand(text: string): Command {
  const plain = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replace(/[.!?]+$/, '')
    .replaceAll(polite, '')
  for (const { action, pattern } of sentences) {
    const groups = pattern.exec(plain)?.groups
    const thing = groups?.thing === undefined ? undefined : parseReference(groups.thing)
    if (thing === undefined) continue
    if (groups?.direction !== undefined)
      return { action, thing, direction: directionOf.get(groups.direction)! }
    if (groups?.place === undefined) return { action, thing }
    const place = parsePlace(groups.place)
    if (place !== undefined) return { action, thing, place }
  }
  throw unknownCommand(text, plain)
}

function parseReference(words: string): Reference | undefined {
  const [, color, kind, relation, landmark] = referencePattern.exec(words) ?? []
  if (kind === undefined) return undefined
  const named = nameOf(color, kind)
  if (relation === undefined || landmark === undefined) return named
  const to = parsePlace(`${relation} ${landmark}`)?.to
  return to && { ...named, relation: { is: relationOf.get(relation)!, to } }
}

function parsePlace(
  words: string,
): { readonly is: Placing; readonly to: Omit<Reference, 'relation'> } | undefined {
  const [, relation, landmark] = placePattern.exec(words) ?? []
  const [, color, kind] = simplePattern.exec(landmark ?? '') ?? []
  if (relation === undefined || kind === undefined) return undefined
  return { is: placingOf.get(relation)!, to: nameOf(color, kind) }
}

function nameOf(color: string | undefined, kind: string): Omit<Reference, 'relation'> {
  const known = kindNames.find((name) => name === kind)
  return { ...(color && { color: color as ColorName }), ...(known && { kind: known as KindName }) }
}

/** Words of the sentences besides names. */
const sentenceWords = new Set(
  [
    ...Object.values(phrasings).flatMap(({ trained, heldOut }) => [...trained, ...heldOut]),
    placingPattern,
    directionPattern,
  ]
    .flatMap((text) => text.split(/[^a-z]+/))
    .concat('that', 'which', 'is', 'the'),
)

function unknownCommand(text: string, plain: string): WorldError {
  const names = [...colorNames, ...kindNames, ...anyThing]
  const unknown = plain
    .split(/[^a-z]+/)
    .find((word) => word !== '' && !sentenceWords.has(word) && !names.includes(word as never))
  const nearest = unknown === undefined ? undefined : nearestName(unknown, names)
  const what =
    unknown === undefined
      ? 'its sentence is none of the grammar'
      : `the word "${excerpt(unknown)}" is not known${nearest ? ` (did you mean "${nearest}"?)` : ''}`
  const wayOut = `Say it like "pick up the red cup" or "put the ball left of the box"; kinds are ${kindNames.join(', ')}, colours ${colorNames.join(', ')}`
  return new WorldError('world/unknown-command', `cannot read "${excerpt(text, 200)}": ${what}. ${wayOut}`, {
    text,
    unknown,
  })
}

import type { Reference, Relation } from './command.ts'

/** How relations are said; the first is the usual way. */
export const relationPhrases: Readonly<Record<Relation, readonly string[]>> = {
  left: ['left of', 'to the left of'],
  right: ['right of', 'to the right of'],
  front: ['in front of'],
  behind: ['behind'],
}

/** Words for a thing of whatever kind. */
export const anyThing = ['thing', 'object'] as const

/** Which of the phrases to say. */
export type Choose = <T>(phrases: readonly T[]) => T

const first: Choose = (phrases) => phrases[0]!

/** A reference in words: `the red cup`, `the book to the left of the yellow box`. */
export function writeReference({ color, kind, relation }: Reference, choose: Choose = first): string {
  const words = ['the', ...(color ? [color] : []), kind ?? choose(anyThing)]
  return relation === undefined ? words.join(' ') : `${words.join(' ')} ${writePlace(relation, choose)}`
}

/** `behind the cup` */
export const writePlace = ({ is, to }: NonNullable<Reference['relation']>, choose: Choose = first): string =>
  `${choose(relationPhrases[is])} ${writeReference(to, choose)}`

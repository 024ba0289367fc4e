import type { Command, Placing, Reference, Relation } from './command.ts'

/** Phrases of the relations; the first is the usual one. */
export const relationPhrases: Readonly<Record<Relation, readonly string[]>> = {
  left: ['left of', 'to the left of'],
  right: ['right of', 'to the right of'],
  front: ['in front of'],
  behind: ['behind'],
}

/** Phrases of the places of a put. */
export const placePhrases: Readonly<Record<Placing, readonly string[]>> = {
  ...relationPhrases,
  on: ['on', 'on top of'],
}

/** Phrases of the directions of a push. */
export const directionPhrases: Readonly<Record<Relation, readonly string[]>> = {
  left: ['to the left'],
  right: ['to the right'],
  front: ['towards you'],
  behind: ['away from you'],
}

/** Words for an object of any kind. */
export const anyThing = ['thing', 'object'] as const

/** Choice of one of the phrases. */
export type Choose = <T>(phrases: readonly T[]) => T

const first: Choose = (phrases) => phrases[0]!

/** Write a reference in words: `the red cup`, `the book to the left of the yellow box`. */
export function writeReference({ color, kind, relation }: Reference, choose: Choose = first): string {
  const words = ['the', ...(color ? [color] : []), kind ?? choose(anyThing)]
  return relation === undefined ? words.join(' ') : `${words.join(' ')} ${writePlace(relation, choose)}`
}

/** Write a place in words: `behind the cup`. */
export const writePlace = ({ is, to }: NonNullable<Command['place']>, choose: Choose = first): string =>
  `${choose(placePhrases[is])} ${writeReference(to, choose)}`

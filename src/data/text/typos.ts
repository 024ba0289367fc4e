import { z } from 'zod'
import type { Random } from '../../core/index.ts'
import { checkedParameters, probability } from '../transform-parameters.ts'
import { withCaseOf } from './letter-case.ts'
import type { TextTransformKind } from './text-transform.ts'

const schema = z.strictObject({
  kind: z.literal('typos'),
  probability: probability.default(0.1),
  rate: probability.default(0.05),
})

/** Parameters of `typos`. */
export type Typos = z.output<typeof schema>

/**
 * Add typos: with `probability` (default 0.1) a text goes through a channel that hits each character at `rate` (default
 * 0.05). A hit character is swapped with the one before, followed by a random letter, left out, or replaced by a random
 * letter. Every character has one independent draw, so the count of typos is binomial: `rate` times the length on
 * average.
 * @throws ConfigError `augment/parameters` when a number is outside [0, 1].
 */
export const typos = (options: { probability?: number; rate?: number } = {}): Typos =>
  checkedParameters(schema, { kind: 'typos', ...options })

const edits = ['swap', 'insert', 'delete', 'substitute'] as const
const letters = [...'abcdefghijklmnopqrstuvwxyz']

export const typosKind: TextTransformKind<Typos> = {
  schema,
  apply(text, { probability, rate }, random) {
    if (!random.chance(probability)) return text
    const typed: string[] = []
    for (const character of text) {
      if (random.chance(rate)) mistype(typed, character, random)
      else typed.push(character)
    }
    return typed.join('')
  },
}

/** Append `character` to `typed` with one typo, which always shows. */
function mistype(typed: string[], character: string, random: Random): void {
  const before = typed.at(-1)
  const canSwap = before !== undefined && before !== character
  const edit = random.pick(canSwap ? edits : edits.slice(1))
  if (edit === 'swap') typed.splice(-1, 0, character)
  if (edit === 'insert') typed.push(character, random.pick(letters))
  if (edit === 'substitute') {
    const others = letters.filter((letter) => letter !== character.toLowerCase())
    typed.push(withCaseOf(character, random.pick(others)))
  }
  // 'delete' appends nothing.
}

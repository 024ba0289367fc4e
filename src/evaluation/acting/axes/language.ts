import { nearestName, type Random } from '../../../core/index.ts'
import { augmentText, paraphrase, typos } from '../../../data/index.ts'
import { colorNames, kindNames, writeCommand } from '../../../world/index.ts'
import type { Axis, Severity } from './axis.ts'

/** Fraction of the letters that are mistyped. */
const rates: Readonly<Record<Severity, number>> = { 1: 0, 2: 0, 3: 0.03, 4: 0.06, 5: 0.12 }

/** Number of times that typos are drawn until every name can still be told. */
const attempts = 20

/**
 * Other words of the same command: in a polite frame; in a sentence that no training text has; in such a sentence with
 * typos. A name that is mistyped is still nearer to itself than to any other.
 */
export const language: Axis = {
  title: 'Language',
  levels: {
    1: 'a polite frame',
    2: 'another sentence, absent from training',
    3: 'such a sentence, 3 % of its letters mistyped',
    4: 'such a sentence, 6 % of its letters mistyped',
    5: 'such a sentence, 12 % of its letters mistyped',
  },
  settings: ['table', 'floor'],
  moves: false,
  perturb({ scene, command, text }, severity, random) {
    if (severity === 1) return { text: augmentText(text, [paraphrase({ probability: 1 })], random) }
    const { action, target, place } = command
    const meaning = { action, target, ...(place && { place }) }
    const sentence = writeCommand(scene, meaning, random, 'heldOut')?.text
    if (sentence === undefined) return undefined
    const typed = severity === 2 ? sentence : mistyped(sentence, rates[severity], random)
    return typed === undefined ? undefined : { text: typed }
  },
}

/** A sentence with typos in which the names can still be told; undefined when none is drawn. */
function mistyped(sentence: string, rate: number, random: Random): string | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const typed = augmentText(sentence, [typos({ probability: 1, rate })], random)
    if (isLegible(typed, sentence)) return typed
  }
  return undefined
}

const names: readonly string[] = [...colorNames, ...kindNames, 'left', 'right', 'front', 'behind']

/** Tell if each name of a sentence is the nearest name of the mistyped word in its place. */
export function isLegible(typed: string, sentence: string): boolean {
  const [words, right] = [typed.split(' '), sentence.split(' ')]
  if (words.length !== right.length) return false
  return right.every((word, i) => !names.includes(word) || nearestName(words[i]!, names) === word)
}

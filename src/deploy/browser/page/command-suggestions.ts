import { hueWords } from '../../../data/text/color-words.ts'
import { learnedWords } from '../../../data/text/learned-words.ts'
import { classNamesOf, type Policy } from '../../../models/index.ts'
import type { ModelDescription } from '../../bundle.ts'

/** Beginnings of commands; the first whose words are all learned is taken. */
const beginnings = ['pick up the', 'grasp the', 'point at the', 'go to the', 'the']

/** Largest number of suggestions: a click on the picture computes each. */
const mostSuggestions = 64

/**
 * Commands that a policy should know, of the names of its classes and the colours that it learned: `pick up the red cup`.
 * Empty for a policy whose bundle names no classes.
 */
export function suggestedCommands({ model, tokenizer }: ModelDescription<Policy>): string[] {
  const learned = learnedWords(tokenizer.config)?.words
  const isLearned = (words: string): boolean =>
    learned === undefined || words.split(' ').every((word) => learned.includes(word))
  const beginning = beginnings.find(isLearned) ?? ''
  const names = Object.values(model.config.heads).flatMap((head) => classNamesOf(head) ?? [])
  const things = [...new Set(names.map((name) => name.toLowerCase()))].filter(isLearned)
  const colors = learned === undefined ? [] : hueWords.split('|').filter(isLearned)
  const plain = things.map((thing) => `${beginning} ${thing}`.trim())
  const colored = colors.flatMap((color) => things.map((thing) => `${beginning} ${color} ${thing}`.trim()))
  return [...plain, ...colored].slice(0, mostSuggestions)
}

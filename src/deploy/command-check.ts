import { DataError } from '../core/index.ts'
import { type JsonObject, textKnowledge } from '../data/text/index.ts'

/** Number of commands that are remembered as told. */
const remembered = 1000

/** A check of the commands that a policy is given. */
export interface CommandCheck {
  /**
   * Refuse what is no command: a text without words, or without any that the policy learned. What it does not know of
   * another text is noted, once.
   * @throws DataError `data/no-command`.
   */
  require(command: string): void
  /**
   * The same, but a text without any learned word is noted too, not refused: a robot that acts by itself answers, and counts.
   * @throws DataError `data/no-command` for a text without words.
   */
  note(command: string): void
  /** Words of a command that the policy never learned; none for a policy without a record of its words. */
  unlearned(command: string): readonly string[]
}

/** Largest number of notes; a rollout with new phrasings would give hundreds. */
const mostNotes = 10

/** The check of a policy with this tokenizer. @param note Receiver of a sentence on a command that is known in part. */
export function commandCheck(config: JsonObject, note: (text: string) => void): CommandCheck {
  const knowledgeOf = textKnowledge(config)
  const told = new Set<string>()
  let notes = 0
  const tell = (text: string): void => {
    if (++notes <= mostNotes) note(text)
    if (notes === mostNotes) note('further commands that the policy knows only in part are not told')
  }
  /** Tell what is not known of a command, once. @param refuses Treatment of one without any learned word. */
  const check = (command: string, refuses: boolean): void => {
    if (told.has(command)) return
    const { words, unlearned, lacksVerb } = knowledgeOf(command)
    if (words.length === 0) throw noCommand(command, 'has no word', [])
    const isForeign = unlearned.length === new Set(words).size
    if (isForeign && refuses) throw noCommand(command, 'has no word that it learned', unlearned)
    if (!isForeign) {
      if (told.size === remembered) told.clear()
      told.add(command)
    }
    const known = unlearned.length > 0 ? `the policy never learned ${listed(unlearned)} of` : undefined
    if (known) tell(`${known} the command ${shown(command)}`)
    if (lacksVerb) tell(`${shown(command)} is no command: it has no verb that says what to do`)
  }
  return {
    unlearned: (command) => knowledgeOf(command).unlearned,
    require: (command) => check(command, true),
    note: (command) => check(command, false),
  }
}

/** Largest numbers of words and of characters in a message. */
const most = { words: 8, characters: 120 }

function listed(words: readonly string[]): string {
  const more = words.length - most.words
  const named = words.slice(0, most.words).map(shown)
  return [...named, ...(more > 0 ? [`${more} more words`] : [])].join(', ')
}

function shown(text: string): string {
  const isLong = text.length > most.characters
  return JSON.stringify(isLong ? `${text.slice(0, most.characters)}…` : text)
}

const noCommand = (command: string, problem: string, unlearned: readonly string[]): DataError =>
  new DataError(
    'data/no-command',
    `${shown(command)} is no command for this policy: it ${problem}. Say what to do, in words as in its training data`,
    { command, unlearned },
  )

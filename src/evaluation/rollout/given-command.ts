import { WorldError } from '../../core/index.ts'
import {
  answeredCommand,
  type CommandRecord,
  type LabelledScene,
  parseCommand,
  resolveCommand,
  type WrittenCommand,
} from '../../world/index.ts'

/** A command for every scene, parsed. @throws WorldError `world/unknown-command` of `parseCommand`. */
export const givenCommand = (text: string): WrittenCommand => ({ text, command: parseCommand(text) })

/**
 * Meaning of a command in a scene with its right answers, or the reason why there are none: `world/nothing-meant`,
 * `world/ambiguous-command`, `world/wrong-setting` to put an object beside itself, `world/no-answer` for an object that
 * is hidden or out of the arm's reach.
 */
export function answerIn(
  { record, truths }: Pick<LabelledScene, 'record' | 'truths'>,
  given: WrittenCommand,
): CommandRecord | string {
  try {
    const meaning = resolveCommand(given.command, record)
    if (truths[meaning.target] === undefined) return 'world/no-answer'
    return answeredCommand(record, meaning, truths, [given])
  } catch (error) {
    if (error instanceof WorldError) return error.code
    throw error
  }
}

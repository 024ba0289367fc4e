import type { Command } from 'commander'
import { recipes, suites } from '../../recipes/index.ts'
import { pathOf } from '../program-tree.ts'

/** A word that may stand somewhere on the command line. */
export interface Word {
  readonly text: string
  readonly description: string
}

/** An option with its values, if they are few and known. */
export interface Flag extends Word {
  readonly takesValue: boolean
  readonly values: readonly string[]
}

/** Words that may follow a command. */
export interface Completions {
  /** Words that lead to the command: none for the program, `data`, `inspect`. */
  readonly path: readonly string[]
  readonly commands: readonly Word[]
  /** Values of its arguments, beside files. */
  readonly values: readonly string[]
  readonly flags: readonly Flag[]
}

/** Words that may follow each command of a program. */
export function completionsOf(command: Command): Completions[] {
  const { commands, options, registeredArguments } = command
  const own: Completions = {
    path: pathOf(command),
    commands: commands.map((each) => ({ text: each.name(), description: each.description() })),
    values: registeredArguments.flatMap((argument) => [
      ...(argument.argChoices ?? []),
      ...(argument.name() === 'recipe' ? Object.keys(recipes) : []),
    ]),
    flags: options.map(({ long, description, argChoices, required, optional }) => ({
      text: long ?? '',
      description,
      takesValue: required || optional,
      values: argChoices ?? (long === '--suite' ? Object.keys(suites) : []),
    })),
  }
  return [own, ...commands.flatMap(completionsOf)]
}

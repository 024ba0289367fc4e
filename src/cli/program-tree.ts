import type { Command } from 'commander'

/** The commands that do something, of all levels below a command. */
export const leavesOf = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)

/** The words that lead to a command, without the program's name: `data inspect`. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()]
}

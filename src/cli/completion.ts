import { Argument, type Command } from 'commander'
import { bashCompletion } from './completion/bash.ts'
import { completionsOf } from './completion/completions.ts'
import { fishCompletion } from './completion/fish.ts'
import type { Output } from './output.ts'

const shells = {
  bash: bashCompletion,
  zsh: (completions: Parameters<typeof bashCompletion>[0]) =>
    `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bashCompletion(completions)}`,
  fish: fishCompletion,
} as const

/** `visuomotor completion <shell>` */
export function registerCompletion(program: Command, output: Output): void {
  program
    .command('completion')
    .description('print a script that completes commands and flags in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => output.result(shells[shell](completionsOf(program))))
}

import type { Command } from 'commander'
import type { Output } from './output.ts'
import { registerStudy } from './study-command.ts'

/** `visuomotor tune <recipe>` */
export const registerTune = (program: Command, output: Output): void =>
  registerStudy(program, output, {
    name: 'tune',
    description: 'search the values of a recipe, such as rates, for the best quality',
    objectives: ['quality'],
  })

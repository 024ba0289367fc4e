import type { Command } from 'commander'
import type { Output } from './output.ts'
import { registerStudy } from './study-command.ts'

/** `visuomotor search-architecture <recipe>` */
export const registerSearchArchitecture = (program: Command, output: Output): void =>
  registerStudy(program, output, {
    name: 'search-architecture',
    description: 'search the values of a recipe for models that are good and fast on this device',
    objectives: ['quality', 'latency'],
  })

import type { Command } from 'commander'
import { registerDataConvert } from './data-convert.ts'
import { registerDataGenerate } from './data-generate.ts'
import { registerDataInspect } from './data-inspect.ts'
import { registerDataPreview } from './data-preview.ts'
import { registerDataRecord } from './data-record.ts'
import { registerDataSplit } from './data-split.ts'
import type { Output } from './output.ts'

/** Commands below `data`, one file each: every function adds its command to the group. */
const commands = [
  registerDataInspect,
  registerDataPreview,
  registerDataSplit,
  registerDataConvert,
  registerDataRecord,
  registerDataGenerate,
]

/** `visuomotor data …` */
export function registerData(program: Command, output: Output): void {
  const group = program.command('data').description('look at data sets, and make them')
  for (const register of commands) register(group, output)
}

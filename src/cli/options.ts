import { InvalidArgumentError, Option } from 'commander'
import type { CheckpointChoice } from '../deploy/index.ts'
import { deviceNames, requireDevice } from '../engine/index.ts'

/** `--json`: the result as JSON. */
export const jsonOption = () => new Option('--json', 'print the result as JSON')

/** `--quiet`: neither progress nor notes. */
export const quietOption = () =>
  new Option('--quiet', 'no progress and no notes: only the result, and errors')

/** `--device`: device that models run on. */
export const deviceOption = () =>
  new Option('--device <name>', `where to run: ${deviceNames.join(', ')}`)
    .argParser(requireDevice)
    .default('cpu')

/** `--with`: a user's own families, objectives and sources. */
export const extensionsOption = () =>
  new Option('--with <file>', 'a module that exports families, objectives or sources of your own')

/** `--with`: a user's own families alone. */
export const familiesOption = () =>
  new Option('--with <file>', 'a module that exports families of your own, for a bundle of one of them')

/** `--threads`: number of threads of one operation on the CPU. */
export const threadsOption = () =>
  new Option('--threads <count>', 'threads on the CPU (default: all cores)').argParser(parseCount)

/** `--checkpoint`: checkpoint of a run. */
export const checkpointOption = () =>
  new Option('--checkpoint <which>', 'weights of a run: best, last or a step (default: best)').argParser(
    parseCheckpoint,
  )

function parseCheckpoint(text: string): CheckpointChoice {
  if (text === 'best' || text === 'last') return text
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is best, last or the number of a step.')
}

/** A whole number from 1 on. */
export function parseCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 1 on.')
}

/** A whole number from 0 on. */
export function parseIndex(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 0 on.')
}

/** A whole number, for seeds. */
export function parseSeed(text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number.')
}

/** A fraction in [0, 1). */
export function parseFraction(text: string): number {
  const fraction = Number(text)
  if (text.trim() !== '' && fraction >= 0 && fraction < 1) return fraction
  throw new InvalidArgumentError('It is a fraction from 0 to less than 1, such as 0.1.')
}

/** The number of a port, 0 for any. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port < 65536) return port
  throw new InvalidArgumentError('It is the number of a port, from 0 to 65535.')
}

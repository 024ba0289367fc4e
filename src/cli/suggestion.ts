import { CommanderError } from 'commander'
import { placesOfKey } from '../recipes/index.ts'

/**
 * The error about an unknown option of `train` with the recipe's key of that name: `--batchsize` is
 * `--set batches.size=…`. Other errors, and options that commander knows a near name of, stay as they are.
 * @param argv Words of the command line.
 */
export function withSuggestion(error: unknown, [command]: readonly string[]): unknown {
  if (!(error instanceof CommanderError) || error.code !== 'commander.unknownOption') return error
  if (command !== 'train') return error
  const flag = /'--?([^']+)'/.exec(error.message)?.[1]
  if (flag === undefined || error.message.includes('Did you mean')) return error
  const [place] = placesOfKey(flag)
  if (place === undefined) return error
  const message = `${error.message}; a value of the recipe is set by --set ${place}=VALUE`
  return new CommanderError(error.exitCode, error.code, message)
}

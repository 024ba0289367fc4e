import { readFileSync } from 'node:fs'
import { ConfigError } from '../core/index.ts'
import { type Randomization, tabletopRandomization } from '../world/index.ts'

/** `--randomize [ranges]` */
export const randomizeFlag = '--randomize [ranges]'

/**
 * The ranges of `--randomize`: the defaults of data sets, changed by a JSON file where one is given.
 * @throws ConfigError `config/randomization-file` for a file that cannot be read; errors of `tabletopRandomization`.
 */
export function randomizationOf(flag: true | string | undefined): Randomization | undefined {
  if (flag === undefined) return undefined
  if (flag === true) return tabletopRandomization()
  try {
    return tabletopRandomization(JSON.parse(readFileSync(flag, 'utf8')))
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    const message = `cannot read the ranges of --randomize from ${flag}: ${(cause as Error).message}`
    throw new ConfigError('config/randomization-file', message, { file: flag }, { cause })
  }
}

import { ConfigError, nearestName } from '../core/index.ts'
import {
  adamW,
  constant,
  cosine,
  cosineWarmRestarts,
  linear,
  lion,
  muon,
  type Optimizer,
  type Schedule,
  sgd,
} from '../optim/index.ts'

interface Named {
  readonly name: string
  readonly options: Readonly<Record<string, number | boolean>>
}

const optimizers: Readonly<Record<string, (options: never) => Optimizer>> = { adamW, sgd, lion, muon }
const schedules: Readonly<Record<string, (options: never) => Schedule>> = {
  constant,
  linear,
  cosine,
  cosineWarmRestarts,
}

/** The optimizer that a recipe names. @throws ConfigError `config/unknown-optimizer`. */
export const optimizerOf = (description: Named): Optimizer => find('optimizer', optimizers, description)

/** The schedule that a recipe names. @throws ConfigError `config/unknown-schedule`. */
export const scheduleOf = (description: Named): Schedule => find('schedule', schedules, description)

function find<T>(
  kind: 'optimizer' | 'schedule',
  known: Readonly<Record<string, (options: never) => T>>,
  { name, options }: Named,
): T {
  if (Object.hasOwn(known, name)) return known[name]!(options as never)
  const names = Object.keys(known)
  const nearest = nearestName(name, names)
  throw new ConfigError(
    kind === 'optimizer' ? 'config/unknown-optimizer' : 'config/unknown-schedule',
    `there is no ${kind} '${name}'${nearest ? `; did you mean '${nearest}'?` : ''} Known: ${names.join(', ')}`,
    { name, known: names },
  )
}

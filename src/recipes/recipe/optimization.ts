import { z } from 'zod'
import { ConfigError, didYouMean } from '../../core/index.ts'
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
} from '../../optim/index.ts'

type Options = Readonly<Record<string, number | boolean>>

/** A function of the library by its name, with its options: `adamW({ … })` as data. */
export type Description = { readonly kind: string } & Options

/** A description, or the object that the function returned. */
type Described =
  | { readonly kind: string; readonly [option: string]: unknown }
  | Pick<Optimizer | Schedule, 'kind' | 'options'>

const optimizers: Readonly<Record<string, (options: never) => Optimizer>> = { adamW, sgd, lion, muon }
const schedules: Readonly<Record<string, (options: never) => Schedule>> = {
  constant,
  linear,
  cosine,
  cosineWarmRestarts,
}

/** The optimizer that a recipe names. @throws ConfigError `config/unknown-optimizer`. */
export const optimizerOf = (description: Description): Optimizer => find('optimizer', optimizers, description)

/** The schedule that a recipe names. @throws ConfigError `config/unknown-schedule`. */
export const scheduleOf = (description: Description): Schedule => find('schedule', schedules, description)

function find<T>(
  what: 'optimizer' | 'schedule',
  known: Readonly<Record<string, (options: never) => T>>,
  { kind, ...options }: Description,
): T {
  if (Object.hasOwn(known, kind)) return known[kind]!(options as never)
  const names = Object.keys(known)
  const code = what === 'optimizer' ? 'config/unknown-optimizer' : 'config/unknown-schedule'
  throw new ConfigError(code, `there is no ${what} '${kind}'${didYouMean(kind, names)}`, {
    kind,
    known: names,
  })
}

/** `{ kind, …options }`, every default filled in. */
const described = (of: (description: Description) => Pick<Optimizer | Schedule, 'kind' | 'options'>) =>
  z
    .custom<Described>(
      (value) => typeof value === 'object' && value !== null && typeof (value as Described).kind === 'string',
      "an object whose kind names it, such as { kind: 'adamW' }",
    )
    .transform((value): Description => {
      const { kind, options } = of(isBuilt(value) ? flat(value) : (value as Description))
      return flat({ kind, options })
    })

const isBuilt = (value: Described): value is Pick<Optimizer | Schedule, 'kind' | 'options'> =>
  'update' in value || 'factorAt' in value

const flat = ({ kind, options }: Pick<Optimizer | Schedule, 'kind' | 'options'>): Description =>
  ({ kind, ...options }) as Description

export const optimizerDescription = described(optimizerOf)
export const scheduleDescription = described(scheduleOf)

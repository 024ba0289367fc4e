import { z } from 'zod'
import type { Random } from '../../core/index.ts'

/** A value of a recipe: anything that JSON holds. */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }

/** Values by the path at which a recipe takes them. */
export type Values = Readonly<Record<string, Value>>

/**
 * Condition of a parameter: for each path the values at which this parameter exists. All must hold. A trial in which
 * one does not hold has no value here, so that the recipe keeps its own.
 */
export type When = Readonly<Record<string, readonly Value[]>>

/** One of several values. */
export interface Choice {
  readonly kind: 'choice'
  readonly values: readonly Value[]
  readonly when?: When
}

/** Numbers from `min` to `max`, both included. */
export interface NumberRange {
  readonly kind: 'range'
  readonly min: number
  readonly max: number
  /** Distance of the values, counted from `min`: 1 gives whole numbers. Default: any number. */
  readonly step?: number
  /** Draw uniformly in the logarithm, for numbers whose magnitude is unknown, such as rates. Default false. */
  readonly log?: boolean
  readonly when?: When
}

/** Values that a study may try at one path. */
export type Parameter = Choice | NumberRange

/** Parameters by their path in the recipe. */
export type Space = Readonly<Record<string, Parameter>>

/** One of several values: `choice([1, 2, 4])`, `choice(['gelu', 'quick_gelu'])`. */
export const choice = (values: readonly Value[], { when }: { readonly when?: When } = {}): Choice => ({
  kind: 'choice',
  values,
  ...(when && { when }),
})

/** Numbers from `min` to `max`: `range(1, 6, { step: 1 })`, `range(1e-4, 1e-2, { log: true })`. */
export const range = (
  min: number,
  max: number,
  options: Pick<NumberRange, 'step' | 'log' | 'when'> = {},
): NumberRange => ({ kind: 'range', min, max, ...options })

const when = z.record(z.string(), z.array(z.json()).nonempty()).exactOptional()

/** Schema of a parameter, as a JSON file has it. */
export const parameterSchema: z.ZodType<Parameter> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('choice'), values: z.array(z.json()), when }),
  z.strictObject({
    kind: z.literal('range'),
    min: z.number(),
    max: z.number(),
    step: z.number().positive().exactOptional(),
    log: z.boolean().exactOptional(),
    when,
  }),
]) as unknown as z.ZodType<Parameter>

/** Text that is the same for equal values, whatever the order of their keys. */
export function keyOf(value: Value): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(keyOf).join(',')}]`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${keyOf(inner)}`).join(',')}}`
}

/** Number that stands for a value: the index of a choice, or the number itself; undefined for one that is none of them. */
export function codeOf(parameter: Parameter, value: Value): number | undefined {
  if (parameter.kind === 'choice') {
    const index = parameter.values.map(keyOf).indexOf(keyOf(value))
    return index < 0 ? undefined : index
  }
  if (typeof value !== 'number' || value < parameter.min || value > parameter.max) return undefined
  const { min, step } = parameter
  if (step === undefined) return value
  const steps = (value - min) / step
  return Math.abs(steps - Math.round(steps)) < 1e-9 ? value : undefined
}

/** The value that a number of {@link codeOf} stands for; a number between two steps becomes the nearer one. */
export function valueAt(parameter: Parameter, code: number): Value {
  if (parameter.kind === 'choice') return parameter.values[code]!
  const { min, max, step } = parameter
  const bounded = Math.min(max, Math.max(min, code))
  return step === undefined ? bounded : onGrid(parameter, Math.round((bounded - min) / step))
}

/** Number of steps of a range above its smallest value; undefined without steps. */
export const stepsOf = ({ min, max, step }: NumberRange): number | undefined =>
  step === undefined ? undefined : Math.floor((max - min) / step + 1e-9)

/** The `index`-th value of a range with steps, without the noise of binary fractions: 0.3, not 0.30000000000000004. */
function onGrid(parameter: NumberRange, index: number): number {
  const bounded = Math.min(index, stepsOf(parameter)!)
  return Number((parameter.min + bounded * parameter.step!).toPrecision(12))
}

/** Number of the values of a parameter; infinite for a range without steps. */
export const countOf = (parameter: Parameter): number =>
  parameter.kind === 'choice' ? parameter.values.length : (stepsOf(parameter) ?? Number.POSITIVE_INFINITY) + 1

/** All values of a parameter in order; undefined for a range without steps. */
export function listOf(parameter: Parameter): readonly Value[] | undefined {
  if (parameter.kind === 'choice') return parameter.values
  const steps = stepsOf(parameter)
  return steps === undefined
    ? undefined
    : Array.from({ length: steps + 1 }, (_, index) => onGrid(parameter, index))
}

/** Scale on which a range is drawn and compared: its own, or that of logarithms; steps widen it by half a step a side. */
export function scaleOf(parameter: NumberRange): {
  readonly low: number
  readonly high: number
  to(value: number): number
  from(position: number): number
} {
  const { min, max, step, log } = parameter
  const half = (step ?? 0) / 2
  const top = step === undefined ? max : min + stepsOf(parameter)! * step
  const to = log ? Math.log : (value: number) => value
  return { low: to(min - half), high: to(top + half), to, from: log ? Math.exp : (position) => position }
}

/** A uniform draw; of a logarithmic range uniform in the logarithm. */
export function drawFrom(parameter: Parameter, stream: Random): Value {
  if (parameter.kind === 'choice') return stream.pick(parameter.values)
  const { low, high, from } = scaleOf(parameter)
  return valueAt(parameter, from(stream.uniform(low, high)))
}

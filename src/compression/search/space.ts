import { z } from 'zod'
import { ConfigError, didYouMean, problemsOf, schemaKeys } from '../../core/index.ts'
import {
  codeOf,
  keyOf,
  type Parameter,
  parameterSchema,
  type Space,
  type Value,
  type Values,
} from './parameter.ts'

const spaceSchema = z.record(z.string(), parameterSchema)

/**
 * Check a space, and put its parameters in the order in which they are drawn and applied: a path behind the paths above
 * it, and behind those of its condition.
 * @throws ConfigError `study/space` that names every parameter that is empty, contradicts itself or can never exist.
 */
export function parseSpace(input: unknown): Space {
  const result = spaceSchema.safeParse(input)
  if (!result.success) throw refusal(problemsOf(result.error, schemaKeys(spaceSchema), input))
  const space = result.data
  const paths = Object.keys(space)
  if (paths.length === 0) throw refusal(['it is empty: name at least one path and what it may be'])
  const problems = paths.flatMap((path) => [...parameterProblems(path, space)])
  if (problems.length > 0) throw refusal(problems)
  const order = inOrder(space)
  if (order === undefined)
    throw refusal([
      `the conditions of ${paths.join(', ')} go round in a circle: none of them can be drawn first`,
    ])
  const ordered = Object.fromEntries(order.map((path) => [path, space[path]!]))
  const unreachable = order.filter((path) => !canExist(path, ordered))
  if (unreachable.length > 0)
    throw refusal(unreachable.map((path) => `${path}: its conditions can never hold together`))
  return ordered
}

function refusal(problems: readonly string[]): ConfigError {
  const list = problems.map((problem) => `\n  ${problem}`).join('')
  return new ConfigError('study/space', `this space cannot be searched:${list}`, { problems })
}

function* parameterProblems(path: string, space: Space): Generator<string> {
  const parameter = space[path]!
  if (!path.split('.').every((key) => key !== '')) yield `'${path}' is not a path of the form path.to.key`
  yield* parameter.kind === 'choice' ? choiceProblems(path, parameter.values) : rangeProblems(path, parameter)
  for (const [other, values] of Object.entries(parameter.when ?? {})) {
    const known = space[other]
    if (other === path) yield `${path}: its condition is on itself`
    else if (!known)
      yield `${path}: when ${other}: the space has no such path${didYouMean(other, Object.keys(space))}`
    else
      for (const value of values)
        if (codeOf(known, value) === undefined)
          yield `${path}: when ${other} is ${JSON.stringify(value)}: it never is${listed(known)}`
  }
}

const listed = (parameter: Parameter): string =>
  parameter.kind === 'choice'
    ? `; there are ${parameter.values.map((value) => JSON.stringify(value)).join(', ')}`
    : `; it is from ${parameter.min} to ${parameter.max}${parameter.step ? ` in steps of ${parameter.step}` : ''}`

function* choiceProblems(path: string, values: readonly Value[]): Generator<string> {
  if (values.length === 0) yield `${path}: there is nothing to choose from`
  const keys = values.map(keyOf)
  const twice = values.filter((value, i) => keys.indexOf(keyOf(value)) < i)
  for (const value of twice) yield `${path}: ${JSON.stringify(value)} is named twice`
}

function* rangeProblems(
  path: string,
  { min, max, step, log }: Extract<Parameter, { kind: 'range' }>,
): Generator<string> {
  if (min > max) yield `${path}: min ${min} is above max ${max}`
  else if (step !== undefined && step > max - min && min !== max)
    yield `${path}: a step of ${step} leads beyond max ${max}`
  if (log && min - (step ?? 0) / 2 <= 0)
    yield `${path}: a logarithmic range is above 0${step === undefined ? '' : ', by more than half a step'}`
}

/** Paths in the order in which they are drawn; undefined where there is none. */
function inOrder(space: Space): string[] | undefined {
  const paths = Object.keys(space)
  const done: string[] = []
  const needs = (path: string) => [
    ...Object.keys(space[path]!.when ?? {}),
    ...paths.filter((other) => path.startsWith(`${other}.`)),
  ]
  while (done.length < paths.length) {
    const next = paths.find(
      (path) => !done.includes(path) && needs(path).every((other) => done.includes(other)),
    )
    if (next === undefined) return undefined
    done.push(next)
  }
  return done
}

/**
 * Tell a parameter that some draw has: with the parameters of its condition, and of their conditions, there is a value
 * for each path that all of them allow.
 */
function canExist(path: string, space: Space): boolean {
  const allowed = new Map<string, Set<string>>()
  const pending = [path]
  const seen = new Set<string>()
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    for (const [other, values] of Object.entries(space[next]!.when ?? {})) {
      const keys = new Set(values.map(keyOf))
      const before = allowed.get(other)
      allowed.set(other, before ? new Set([...before].filter((key) => keys.has(key))) : keys)
      pending.push(other)
    }
  }
  return [...allowed.values()].every((keys) => keys.size > 0)
}

/** Tell whether a parameter exists beside the values drawn before it. */
export const exists = ({ when = {} }: Parameter, drawn: Values): boolean =>
  Object.entries(when).every(
    ([path, values]) =>
      Object.hasOwn(drawn, path) && values.some((value) => keyOf(value) === keyOf(drawn[path]!)),
  )

/** Values for a whole trial: `pick` draws each parameter that exists beside those before it. */
export function drawAll(
  space: Space,
  pick: (path: string, parameter: Parameter, drawn: Values) => Value,
): Values {
  const drawn: Record<string, Value> = {}
  for (const [path, parameter] of Object.entries(space))
    if (exists(parameter, drawn)) drawn[path] = pick(path, parameter, drawn)
  return drawn
}

/** Paths that every trial has. */
export const unconditional = (space: Space): string[] =>
  Object.keys(space).filter((path) => Object.keys(space[path]!.when ?? {}).length === 0)

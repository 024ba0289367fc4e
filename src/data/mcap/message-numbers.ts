import type { BagMessage } from './bag.ts'
import { messageError } from './mcap-error.ts'
import type { Fields } from './message-decoder.ts'
import type { MappedFeature } from './topic-map.ts'

/** Numbers of a message, with names where the message or the map has some. */
export interface NamedNumbers {
  readonly numbers: readonly number[]
  readonly names?: readonly string[] | undefined
}

/**
 * Numbers of a feature in a message.
 * @throws DataError `data/mcap-message` for a field or joint that is not there, a count that does not fit the names, and what is
 * no finite number.
 */
export function numbersOf(message: BagMessage, fields: Fields, feature: MappedFeature): NamedNumbers {
  const fail = (problem: string) => messageError(message, problem)
  const joints = jointsOf(message, fields)
  const { field = joints ? 'position' : 'data', names } = feature
  const paths = typeof field === 'string' ? [field] : field
  const isOfJoints = joints !== undefined && paths.length === 1 && paths[0]! in joints.values
  const numbers = isOfJoints ? joints.values[paths[0]!]! : paths.flatMap((path) => at(fields, path, fail))
  const found = isOfJoints ? ofJoints(joints.names, numbers, names, String(field), fail) : { numbers, names }
  if (found.names && found.names.length !== found.numbers.length)
    throw fail(
      `"${paths}" has ${found.numbers.length} numbers, but the topic map names ${found.names.length}`,
    )
  const bad = found.numbers.findIndex((number) => !Number.isFinite(number))
  if (bad >= 0) {
    const name = found.names ? ` (${found.names[bad]})` : ''
    throw fail(`"${paths}" is ${found.numbers[bad]} at ${bad}${name}, not a finite number`)
  }
  return found
}

interface Joints {
  readonly names: readonly string[]
  readonly values: Readonly<Record<string, number[]>>
}

const jointFields = ['position', 'velocity', 'effort']

/** Joints of a JointState, or of Foxglove's JointStates, which lists them one by one. */
function jointsOf({ schema }: BagMessage, fields: Fields): Joints | undefined {
  if (schema?.name === 'sensor_msgs/msg/JointState') {
    const values = jointFields.map((name) => [name, numbersIn(fields[name]) ?? []])
    return {
      names: Array.from((fields.name ?? []) as ArrayLike<string>, String),
      values: Object.fromEntries(values),
    }
  }
  if (schema?.name !== 'foxglove.JointStates' || !Array.isArray(fields.joints)) return undefined
  const joints = fields.joints as Fields[]
  const values = jointFields.map((name) => [name, joints.map((joint) => Number(joint[name] ?? Number.NaN))])
  return { names: joints.map(({ name }) => String(name)), values: Object.fromEntries(values) }
}

function ofJoints(
  present: readonly string[],
  values: readonly number[],
  wanted: readonly string[] | undefined,
  field: string,
  fail: (problem: string) => Error,
): NamedNumbers {
  if (values.length !== present.length)
    throw fail(`it names ${present.length} joints, but "${field}" has ${values.length} numbers`)
  const names = wanted ?? present
  const missing = names.filter((name) => !present.includes(name))
  if (missing.length > 0)
    throw fail(`it lacks the joints ${missing.join(', ')}; it has ${present.join(', ') || 'none'}`)
  return { names, numbers: names.map((name) => values[present.indexOf(name)]!) }
}

/** Numbers at a path such as `pose.position.x` or `data`. */
function at(fields: Fields, path: string, fail: (problem: string) => Error): number[] {
  let value: unknown = fields
  for (const key of path.split('.')) {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
    if (!keys.includes(key))
      throw fail(`it has no "${path}": there are ${keys.join(', ') || 'no fields'} beside "${key}"`)
    value = (value as Fields)[key]
  }
  const numbers = numbersIn(value)
  if (numbers === undefined) throw fail(`"${path}" holds no numbers`)
  return numbers
}

function numbersIn(value: unknown): number[] | undefined {
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return [Number(value)]
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return undefined
  const list = Array.from(value as ArrayLike<unknown>)
  return list.some((item) => typeof item !== 'number' && typeof item !== 'bigint')
    ? undefined
    : list.map(Number)
}

/** The text of a message. @throws DataError `data/mcap-message` where it has none. */
export function textOf(message: BagMessage, fields: Fields, path = 'data'): string {
  const value = path.split('.').reduce<unknown>((inner, key) => Object(inner)[key], fields)
  if (typeof value === 'string' && value.trim() !== '') return value
  throw messageError(message, `"${path}" is no text`)
}

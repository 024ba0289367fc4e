import { DataError, nearestName } from '../../core/index.ts'
import type { Joint } from '../../models/index.ts'

/** Measured positions of a robot's joints, by name or in the policy's order; in radians, of a slide in metres. */
export type JointState = Readonly<Record<string, number>> | readonly number[]

/**
 * Positions in the order of a policy's joints.
 * @throws DataError `deploy/joint-state` for joints that are unknown or missing, another number of them, or a position that is not
 * finite.
 */
export function positionsOf(state: JointState, joints: readonly Joint[]): readonly number[] {
  const names = joints.map(({ name }) => name)
  const positions = isList(state) ? state : byName(state, names)
  if (positions.length !== names.length)
    throw wrong(`${positions.length} positions for the ${names.length} joints ${names.join(', ')}`, { names })
  const bad = positions.findIndex((position) => !Number.isFinite(position))
  if (bad !== -1)
    throw wrong(`the position of ${names[bad]} is ${positions[bad]}, which is not finite`, {
      joint: names[bad],
      position: String(positions[bad]),
    })
  return positions
}

const isList = (state: JointState): state is readonly number[] =>
  Array.isArray(state) || ArrayBuffer.isView(state)

function byName(state: Readonly<Record<string, number>>, names: readonly string[]): number[] {
  const unknown = Object.keys(state).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, names)
    const hint = near === undefined ? '' : ` (did you mean '${near}'?)`
    throw wrong(`the policy knows no joint '${unknown}'${hint}; its joints are ${names.join(', ')}`, {
      joint: unknown,
      names,
    })
  }
  const missing = names.filter((name) => !Object.hasOwn(state, name))
  if (missing.length > 0) throw wrong(`positions of ${missing.join(', ')} are missing`, { missing })
  return names.map((name) => state[name]!)
}

const wrong = (problem: string, facts: Readonly<Record<string, unknown>>): DataError =>
  new DataError('deploy/joint-state', `joints: ${problem}`, facts)

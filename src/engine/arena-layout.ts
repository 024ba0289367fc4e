import { type Shape, sizeOf } from '../core/index.ts'

/** A named array's place in the flat vector of its group. */
export interface ArenaEntry {
  readonly name: string
  readonly shape: Shape
  /** Index of the first element in the group's vector. */
  readonly offset: number
  readonly size: number
}

/** Parameters that are treated alike: one learning rate, one weight decay, frozen or not. */
export interface ArenaGroup {
  readonly entries: readonly ArenaEntry[]
  readonly length: number
  /** True for a group that some arenas of the layout do not have: its memory is apart from that of the others. */
  readonly apart?: true
}

/** Place of each parameter: group after group, name after name. */
export type ArenaLayout = readonly ArenaGroup[]

/**
 * Lay the named shapes of each group out one after the other.
 * @param apart Indices of the groups that some arenas will not have. Default: none.
 */
export function arenaLayout(
  groups: readonly (readonly { name: string; shape: Shape }[])[],
  apart: readonly number[] = [],
): ArenaLayout {
  return groups.map((members, group) => {
    let length = 0
    const entries = members.map(({ name, shape }) => {
      const entry = { name, shape, offset: length, size: sizeOf(shape) }
      length += entry.size
      return entry
    })
    return { entries, length, ...(apart.includes(group) && { apart: true as const }) }
  })
}

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
}

/** Place of each parameter: group after group, name after name. */
export type ArenaLayout = readonly ArenaGroup[]

/** Lay the named shapes of each group out one after the other. */
export function arenaLayout(groups: readonly (readonly { name: string; shape: Shape }[])[]): ArenaLayout {
  return groups.map((members) => {
    let length = 0
    const entries = members.map(({ name, shape }) => {
      const entry = { name, shape, offset: length, size: sizeOf(shape) }
      length += entry.size
      return entry
    })
    return { entries, length }
  })
}

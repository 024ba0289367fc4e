import type { Random } from '../../core/index.ts'
import type { Vector3 } from '../renderer/index.ts'
import { distractorNames } from './kinds.ts'
import { type Layout, layouts, place, separation } from './sample-scene.ts'
import type { Scene, SceneThing } from './scene.ts'

/** Change of a scene's layout. */
export interface Rearrangement {
  /** Metres by which each object is moved, in a direction of its own. */
  readonly distance: number
  /** Number of further objects that no command names. */
  readonly distractors: number
  /** Height of the table's top above the floor, metres. */
  readonly tableHeight: number
}

/**
 * The same objects at other places, and more objects that no command names. An object without room to move stays; a
 * further object without room is left out. The same stream gives the same scene.
 */
export function rearrangedScene(
  { setting, things: before }: Scene,
  { distance, distractors, tableHeight }: Rearrangement,
  random: Random,
): Scene {
  const { gap, x: range, halfWidth } = layouts[setting]
  const things = [...before]
  for (const [index, thing] of before.entries()) {
    const first = random.uniform(0, 2 * Math.PI)
    const turns = Array.from({ length: directions }, (_, i) => first + (2 * Math.PI * i) / directions)
    const moved = turns.map((angle) => movedBy(thing, distance, angle))
    const free = moved.find(
      (candidate) =>
        isWithin(candidate.position, range, halfWidth) &&
        things.every((other, i) => i === index || separation(candidate, other) > gap),
    )
    if (free) things[index] = free
  }
  for (let i = 0; i < distractors; i++) {
    const thing = { kind: random.pick(distractorNames), shade: [0.5, 0.5, 0.5] } as const
    place(random, layouts[setting], { setting, tableHeight }, things, thing)
  }
  return { setting, things }
}

/** Number of directions in which an object may be moved. */
const directions = 8

function movedBy(thing: SceneThing, distance: number, angle: number): SceneThing {
  const [x, y, z] = thing.position
  return { ...thing, position: [x + distance * Math.cos(angle), y + distance * Math.sin(angle), z] }
}

const isWithin = ([x, y]: Vector3, [near, far]: Layout['x'], halfWidth: Layout['halfWidth']): boolean =>
  x >= near && x <= far && Math.abs(y) <= halfWidth(x)

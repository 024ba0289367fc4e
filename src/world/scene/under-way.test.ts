import { expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { navigationTarget } from '../expert/grasp.ts'
import { sampleScene } from './sample-scene.ts'
import { isNamed, type SceneThing } from './scene.ts'
import { underWay } from './under-way.ts'

it('brings everything nearer by one part of the way to a thing, whose place stays the same place', () => {
  const parts = Array.from({ length: 40 }, (_, seed) => {
    const still = sampleScene(random(seed), { setting: 'floor', pairs: 'trained', tableHeight: 0.72 })
    const moved = underWay(still, random(seed, 'way'))
    expect(underWay(still, random(seed, 'way'))).toEqual(moved)
    const there = still.things.filter(({ shade, yaw }) =>
      moved.things.some((thing) => thing.shade === shade && thing.yaw === yaw),
    )
    const [first] = there
    const shift = [0, 1].map((axis) => first!.position[axis]! - moved.things[0]!.position[axis]!)
    there.forEach((thing, i) => {
      for (const axis of [0, 1]) {
        expect(thing.position[axis]! - moved.things[i]!.position[axis]!).toBeCloseTo(shift[axis]!, 9)
      }
    })
    // The goal is the one thing to whose place it has driven straight.
    const part = (thing: SceneThing): number => {
      const [forward, left] = isNamed(thing) ? navigationTarget(thing) : [0, 0]
      const [along, across] = [
        shift[0]! * forward + shift[1]! * left,
        shift[0]! * left - shift[1]! * forward,
      ].map((product) => product / (forward ** 2 + left ** 2))
      return Math.abs(across!) < 1e-9 ? along! : Number.NaN
    }
    const goals = still.things.filter((thing) => part(thing) >= 0)
    expect(goals, `the goal of seed ${seed}`).toHaveLength(1)
    return part(goals[0]!)
  })
  expect(Math.max(...parts)).toBeLessThanOrEqual(0.85)
  expect(Math.max(...parts)).toBeGreaterThan(0.7)
  expect(Math.min(...parts)).toBeLessThan(0.1)
})

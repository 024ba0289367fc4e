import { expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { navigationTarget } from '../expert/grasp.ts'
import { sampleScene } from './sample-scene.ts'
import { isNamed } from './scene.ts'
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
    // The target of the thing it drives to moves as things do: it is reached by driving on.
    const goal = there.findIndex((thing, i) => {
      const [now] = [moved.things[i]!]
      if (!isNamed(thing) || !isNamed(now)) return false
      const [before, after] = [navigationTarget(thing), navigationTarget(now)]
      return [0, 1].every((axis) => Math.abs(before[axis]! - after[axis]! - shift[axis]!) < 1e-9)
    })
    if (goal < 0) {
      // A mat that the robot stands on is not seen any more.
      expect(still.things.filter(({ kind }) => kind === 'mat').length).toBeGreaterThan(
        moved.things.filter(({ kind }) => kind === 'mat').length,
      )
      return 0.5
    }
    const target = navigationTarget(there[goal] as Parameters<typeof navigationTarget>[0])
    return Math.hypot(...shift) / Math.hypot(...target)
  })
  expect(Math.max(...parts)).toBeLessThanOrEqual(0.85)
  expect(Math.max(...parts)).toBeGreaterThan(0.7)
  expect(Math.min(...parts)).toBeLessThan(0.1)
})

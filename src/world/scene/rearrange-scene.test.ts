import { expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { rearrangedScene } from './rearrange-scene.ts'
import { layouts, sampleScene, separation } from './sample-scene.ts'
import { isNamed, type Setting } from './scene.ts'

const tableHeight = 0.72

test.each(['table', 'floor'] as const)(
  'objects on the %s move by the distance, and distractors come, where there is room',
  (setting: Setting) => {
    const { gap, x: range, halfWidth } = layouts[setting]
    let [moved, added] = [0, 0]
    for (let seed = 0; seed < 60; seed++) {
      const scene = sampleScene(random(seed, 'scene'), { setting, pairs: 'trained', tableHeight })
      const change = { distance: 0.02, distractors: 2, tableHeight }
      const { things } = rearrangedScene(scene, change, random(seed, 'layout'))
      expect(rearrangedScene(scene, change, random(seed, 'layout')).things).toEqual(things)
      for (const [i, before] of scene.things.entries()) {
        const [x, y] = things[i]!.position
        const distance = Math.hypot(x - before.position[0], y - before.position[1])
        expect([0, 0.02]).toContainEqual(Number(distance.toFixed(9)))
        expect({ ...things[i], position: 0 }).toEqual({ ...before, position: 0 })
        if (distance > 0) moved++
      }
      const further = things.slice(scene.things.length)
      expect(further.some(isNamed)).toBe(false)
      added += further.length
      things.forEach((a, i) => {
        const [x, y] = a.position
        expect(x >= range[0] && x <= range[1] && Math.abs(y) <= halfWidth(x)).toBe(true)
        for (const b of things.slice(0, i)) expect(separation(a, b)).toBeGreaterThan(gap)
      })
    }
    expect(moved).toBeGreaterThan(150)
    expect(added).toBeGreaterThan(60)
  },
)

test('an object without room stays where it is', () => {
  const scene = sampleScene(random(1, 'scene'), { setting: 'table', pairs: 'trained', tableHeight })
  const change = { distance: 5, distractors: 0, tableHeight }
  expect(rearrangedScene(scene, change, random(1, 'layout'))).toEqual(scene)
})

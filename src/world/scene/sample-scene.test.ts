import { describe, expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { isHeldOut } from './pairs.ts'
import { layouts, sampleScene } from './sample-scene.ts'
import { isNamed, kindOf, type Scene, type Setting } from './scene.ts'

const draw = (seed: number, setting: Setting, pairs: 'trained' | 'heldOut' = 'trained'): Scene =>
  sampleScene(random(seed, 'test'), { setting, pairs, tableHeight: 0.72 })

describe.each(['table', 'floor'] as const)('scenes on the %s', (setting) => {
  const scenes = Array.from({ length: 300 }, (_, seed) => draw(seed, setting))

  test('are the same for the same stream and differ between streams', () => {
    expect(draw(5, setting)).toEqual(scenes[5])
    expect(scenes[6]).not.toEqual(scenes[5])
  })

  test('lie within their area, and no thing in another', () => {
    const { x: range, halfWidth } = layouts[setting]
    for (const { things } of scenes) {
      things.forEach((a, i) => {
        const [x, y] = a.position
        expect(x).toBeGreaterThanOrEqual(range[0])
        expect(x).toBeLessThanOrEqual(range[1])
        expect(Math.abs(y)).toBeLessThanOrEqual(halfWidth(x))
        for (const b of things.slice(0, i)) {
          const distance = Math.hypot(x - b.position[0], y - b.position[1])
          expect(distance).toBeGreaterThan(kindOf(a).radius * a.scale + kindOf(b).radius * b.scale)
        }
      })
    }
  })

  test('hold at least two things to tell apart, nearly always, and every colour and kind', () => {
    const named = scenes.map(({ things }) => things.filter(isNamed))
    expect(named.filter((things) => things.length < 2).length).toBeLessThan(3)
    expect(new Set(named.flat().map(({ color }) => color)).size).toBe(8)
    expect(new Set(named.flat().map(({ kind }) => kind)).size).toBe(layouts[setting].kinds.length)
  })

  test('for training hold no held-out pair; for its test each holds just one thing of one', () => {
    const held = ({ things }: Scene) => things.filter((thing) => isNamed(thing) && isHeldOut(thing)).length
    for (const scene of scenes) expect(held(scene)).toBe(0)
    for (let seed = 0; seed < 100; seed++) expect(held(draw(seed, setting, 'heldOut'))).toBe(1)
  })
})

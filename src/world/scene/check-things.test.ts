import { expect, test } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { checkThings } from './check-things.ts'
import type { Scene } from './scene.ts'

const cup = {
  kind: 'cup',
  color: 'red',
  shade: [0.8, 0.1, 0.1],
  position: [0.4, 0.1, 0.72],
  yaw: 0.3,
  scale: 1,
}
const { color: _, ...nameless } = cup
const bottle = { ...nameless, kind: 'bottle' }
const scene = (change: object, setting = 'table') =>
  ({ setting, things: [bottle, { ...cup, ...change }] }) as unknown as Scene

test('lets a scene pass', () => {
  expect(() => checkThings(scene({}))).not.toThrow()
})

test.each<[object, RegExp]>([
  [
    { position: [0.4, Number.NaN, 0.72] },
    /^things\[1\] \(red cup\)\.position of the scene must be three finite numbers; it is \[0\.4, NaN, 0\.72\]/,
  ],
  [{ position: [0.4, 0.1] }, /position/],
  [{ yaw: Number.POSITIVE_INFINITY }, /\(red cup\)\.yaw .*Infinity/],
  [{ scale: 0 }, /\(red cup\)\.scale .*above 0; it is 0/],
  [{ scale: Number.NaN }, /\(red cup\)\.scale .*NaN/],
  [{ shade: [0.8, Number.NaN, 0.1] }, /\(red cup\)\.shade/],
  [{ kind: 'cat' }, /things\[1\]\.kind of the scene must be a kind of object; it is cat/],
])('refuses %o', (change, message) => {
  const attempt = () => checkThings(scene(change))
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(message)
  expect(attempt).toThrow(expect.objectContaining({ code: 'world/scene' }))
})

test('refuses another setting', () => {
  expect(() => checkThings(scene({}, 'roof'))).toThrow(
    /setting of the scene must be "table" or "floor"; it is roof/,
  )
})

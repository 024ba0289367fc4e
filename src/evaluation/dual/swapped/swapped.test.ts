import { describe, expect, test } from 'vitest'
import { random } from '../../../core/index.ts'
import type { Scene } from '../../../world/index.ts'
import { type Caption, captionPair, swapKinds } from './caption-pair.ts'
import { captionTruth, tellsApart } from './caption-truth.ts'
import { SwapScenes } from './swap-scenes.ts'

const at = (y: number) => ({
  position: [0.5, y, 0.7] as const,
  yaw: 0,
  scale: 1,
  shade: [0.5, 0.5, 0.5] as const,
})

/** A red cup left of a blue ball, and a plate. */
const scene: Scene = {
  setting: 'table',
  things: [
    { kind: 'cup', color: 'red', ...at(0.1) },
    { kind: 'ball', color: 'blue', ...at(-0.1) },
    { kind: 'plate', ...at(0) },
  ],
}

const command = (text: string, reference: object): Caption => ({
  text,
  claim: { says: 'command', reference },
})
const colored = (color: 'red' | 'blue' | 'green') => command(`take the ${color} cup`, { color, kind: 'cup' })
const count = (number: number): Caption => ({
  text: '',
  claim: { says: 'count', kind: 'cup', count: number },
})

describe('the truth of a caption', () => {
  test.each([
    ['take the red cup', true],
    ['take the blue cup', false],
    ['take the red ball', false],
    ['take the cup left of the ball', true],
    ['take the cup right of the ball', false],
    ['take the thing', undefined],
  ])('%s: %s', (text, truth) => {
    expect(captionTruth(command(text, {}), scene)).toBe(truth)
  })

  test('of a number is the count of its kind', () => {
    expect([0, 1, 2].map((number) => captionTruth(count(number), scene))).toEqual([false, true, false])
  })
})

test('a scene tells two colours apart only where the swapped one is the colour of another object', () => {
  const pair = (swapped: Caption) => ({ setting: 'table', right: colored('red'), swapped }) as const
  expect(tellsApart(pair(colored('blue')), scene)).toBe(true)
  expect(tellsApart(pair(colored('green')), scene)).toBe(false)
  expect(tellsApart({ setting: 'table', right: colored('blue'), swapped: colored('red') }, scene)).toBe(false)
})

describe('a pair of captions', () => {
  test.each(swapKinds)('%s: differs in one word, and either is right as often', (kind) => {
    const pairs = Array.from({ length: 400 }, (_, i) =>
      captionPair(kind, i % 2 ? 'table' : 'floor', random(5, kind, i)),
    )
    let first = 0
    for (const { right, swapped } of pairs) {
      const [a, b] = [right.text.split(' '), swapped.text.split(' ')]
      const content = (words: string[], others: string[]) =>
        words.filter((word) => !others.includes(word) && !['is', 'are', 'in', 'of'].includes(word))
      expect(content(a, b).length, `${right.text} | ${swapped.text}`).toBeLessThanOrEqual(2)
      expect(right.text).not.toBe(swapped.text)
      if (right.text < swapped.text) first++
    }
    expect(first / pairs.length).toBeGreaterThan(0.42)
    expect(first / pairs.length).toBeLessThan(0.58)
  })
})

describe('a test by swapped captions', () => {
  test.each(swapKinds)('%s: the scene makes one caption true and the other false', async (kind) => {
    const maker = await SwapScenes.open(11, 48)
    for (const number of [0, 1]) {
      const made = await maker.make(kind, number)
      expect(made.setting).toBe(number % 2 === 0 ? 'table' : 'floor')
      expect(captionTruth(made.right, made.scene)).toBe(true)
      expect(captionTruth(made.swapped, made.scene)).toBe(false)
    }
  })

  test('is the same for the same seed, and another for another', async () => {
    const one = await (await SwapScenes.open(11, 48)).make('color', 1)
    const again = await (await SwapScenes.open(11, 48)).make('color', 1)
    const other = await (await SwapScenes.open(12, 48)).make('color', 1)
    expect(again).toEqual(one)
    expect(other.scene).not.toEqual(one.scene)
  })
})

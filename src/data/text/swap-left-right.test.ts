import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { swapLeftRight } from './swap-left-right.ts'

describe('swapLeftRight', () => {
  test.each([
    ['the cup left of the plate', 'the cup right of the plate'],
    ['Turn LEFT, then Right', 'Turn RIGHT, then Left'],
    ['the leftmost of three', 'the rightmost of three'],
    ['backhand index pointing rightwards', 'backhand index pointing leftwards'],
    ['left-facing fist', 'right-facing fist'],
    ['down-right arrow', 'down-left arrow'],
    ["the robot's left arm", "the robot's right arm"],
    ['turn left a little', 'turn right a little'],
    ['rotate it clockwise', 'rotate it counterclockwise'],
    ['turn Anti-clockwise', 'turn Clockwise'],
  ])('%s → %s', (text, mirrored) => {
    expect(swapLeftRight(text)).toBe(mirrored)
  })

  test.each([
    'bright leftovers, upright and copyright',
    'a right angle, right now; all right',
    'they left the room and left behind a cup',
    'links und rechts',
  ])('leaves alone: %s', (text) => {
    expect(swapLeftRight(text)).toBe(text)
  })

  test('twice is the text again', () => {
    const word = fc.constantFrom(
      'left',
      'Right',
      'LEFTMOST',
      'rightward',
      'clockwise',
      'cup',
      'the',
      '-',
      ', ',
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const text = words.join(' ')
        expect(swapLeftRight(swapLeftRight(text))).toBe(text)
      }),
      { seed: 7 },
    )
  })
})

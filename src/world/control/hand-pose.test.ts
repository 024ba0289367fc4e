import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rotationMatrix } from '../simulation/rotation.ts'
import { handFrame, handPose } from './hand-pose.ts'

const triple = (most: number) => {
  const one = fc.double({ min: -most, max: most, noNaN: true })
  return fc.tuple(one, one, one)
}

test('a pose leads back to its frame, wherever the robot stands', () => {
  // Rotation vectors are unique up to half a turn.
  fc.assert(
    fc.property(triple(1), triple(1.7), triple(3), triple(3), (position, turn, place, heading) => {
      const robot = { position: place, rotation: rotationMatrix(heading) }
      const pose = [...position, ...turn]
      handPose(handFrame(pose, robot), robot).forEach((value, i) => {
        expect(value).toBeCloseTo(pose[i]!, 7)
      })
    }),
    { seed: 5 },
  )
})

test('a hand is seen from where the robot stands and looks', () => {
  const robot = { position: [1, 2, 0] as const, rotation: rotationMatrix([0, 0, Math.PI / 2]) }
  const hand = { position: [1, 2.5, 0.8] as const, rotation: rotationMatrix([0, 0, Math.PI / 2 + 0.3]) }
  const expected = [0.5, 0, 0.8, 0, 0, 0.3]
  handPose(hand, robot).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 12)
  })
})

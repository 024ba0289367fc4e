import { expect, test } from 'vitest'
import { tinyPolicy } from '../../../test/support/tiny-bundle.ts'
import { policyConfig } from '../../models/index.ts'
import { answeredError } from '../servers/status.ts'
import { positionCheck } from './position-check.ts'

const { config } = tinyPolicy().model
const joints = Array.from({ length: 7 }, (_, i) => ({ name: `joint_${i}`, limits: [-1, 1] as const }))
const limited = policyConfig.parse({
  ...config,
  heads: { ...config.heads, manipulation: { ...config.heads.manipulation, joints } },
})

/** The error of a check, as a client of a server gets it. */
function answerTo(prediction: Readonly<Record<string, readonly number[]>>) {
  try {
    positionCheck(limited)(prediction)
    return undefined
  } catch (error) {
    return answeredError(error)
  }
}

test('lets targets within the positions of the bundle pass, and whatever is no joint', () => {
  expect(answerTo({ joints: [0, 1, -1, 0, 0, 0, 0], grasp: [5, 5, 5, 5, 5, 5] })).toBeUndefined()
  expect(() => positionCheck(config)({ joints: Array(7).fill(9) })).not.toThrow()
})

test('refuses targets outside, and numbers that are none, with a reason that reaches the client', () => {
  expect(answerTo({ joints: [0, 0, 1.5, 0, 0, 0, 0] })).toMatchObject({
    status: 422,
    code: 'deploy/outside-envelope',
    message: expect.stringMatching(/joint_2 is told 1\.5000/),
    facts: { violations: [{ joint: 'joint_2', kind: 'position', target: 1.5, lowest: -1, highest: 1 }] },
  })
  expect(answerTo({ grasp: [0, Number.NaN] })).toMatchObject({ status: 422, code: 'deploy/not-finite' })
})

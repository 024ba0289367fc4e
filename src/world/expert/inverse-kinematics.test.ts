import { afterAll, expect, test } from 'vitest'
import { armJoints } from '../robot/joint-names.ts'
import { kinds } from '../scene/kinds.ts'
import { multiply } from '../simulation/frame.ts'
import { loadMujoco } from '../simulation/mujoco.ts'
import { rotationMatrix } from '../simulation/rotation.ts'
import { Simulation } from '../simulation/simulation.ts'
import { dampedStep } from './damped-least-squares.ts'
import { InverseKinematics, reachTolerance } from './inverse-kinematics.ts'

const simulation = new Simulation(await loadMujoco(), { setting: 'table', things: [] })
const kinematics = new InverseKinematics(simulation)
afterAll(() => {
  kinematics.dispose()
  simulation.dispose()
})

const overTable = (x: number, y: number, yaw: number, lean: number) => ({
  position: [x, y, 0.76] as const,
  rotation: multiply(rotationMatrix([0, 0, yaw]), rotationMatrix([0, -lean, 0])),
})

test('reaches the whole working area in every turn and lean a grasp may have, within the joints’ limits', () => {
  const leans = [...new Set(Object.values(kinds).map(({ grasp }) => grasp.lean))]
  for (const x of [0.38, 0.5, 0.63]) {
    for (const y of [-0.18, 0, 0.18]) {
      for (const yaw of [-0.6, 0, 0.9]) {
        for (const lean of leans) {
          const { reached, joints, ...errors } = kinematics.solve(overTable(x, y, yaw, lean))
          expect({ x, y, yaw, lean, reached, ...errors }).toMatchObject({ reached: true })
          armJoints.forEach((name, i) => {
            const { low, high } = simulation.element(name)
            expect(joints[i]).toBeGreaterThan(low)
            expect(joints[i]).toBeLessThan(high)
          })
        }
      }
    }
  }
})

test('brings the simulated hand there: forward kinematics of the answer is the question', () => {
  const target = overTable(0.5, 0.1, 0.4, 0.3)
  const { joints } = kinematics.solve(target)
  simulation.setPosture(Object.fromEntries(armJoints.map((name, i) => [name, joints[i]!])))
  simulation.mujoco.mj_forward(simulation.model, simulation.data)
  simulation.handFrame().position.forEach((coordinate, i) => {
    expect(Math.abs(coordinate - target.position[i]!)).toBeLessThan(reachTolerance.position)
  })
})

test('answers near questions with near angles', () => {
  const [a, b] = [0.1, 0.11].map((y) => kinematics.solve(overTable(0.5, y, 0.2, 0.3)).joints)
  a!.forEach((angle, i) => {
    expect(Math.abs(angle - b![i]!)).toBeLessThan(0.06)
  })
})

test('follows a row of targets, and ends in the usual posture however it came', () => {
  const goal = overTable(0.5, 0, 0, 0.3)
  const usual = kinematics.solve(goal).joints
  const away = (joints: readonly number[]) =>
    Math.max(...joints.map((angle, i) => Math.abs(angle - usual[i]!)))
  const others = [...kinematics.others(goal, kinematics.solve(goal))].map((reach) => reach.joints)
  let joints = others.find((other) => away(other) > 0.3)!
  for (let step = 0; step < 200; step++) {
    const next = kinematics.follow(goal, joints)
    expect(next.reached).toBe(true)
    expect(Math.max(...next.joints.map((angle, i) => Math.abs(angle - joints[i]!)))).toBeLessThan(0.1)
    joints = next.joints
  }
  expect(away(joints)).toBeLessThan(0.02)
})

test.each([
  ['far away', [2, 0, 0.8]],
  ['not a number', [Number.NaN, 0, 0.8]],
] as const)('ends for a place that is %s, which it does not reach', (_, position) => {
  const { reached, joints } = kinematics.solve({ position, rotation: rotationMatrix([0, 0, 0]) })
  expect(reached).toBe(false)
  expect(joints).toHaveLength(7)
})

test('a damped step solves the equations and gives what is left free to the preference', () => {
  const jacobian = Float64Array.of(1, 0, 0, 0, 2, 0) // x₀ = 3, 2·x₁ = 4, x₂ free
  const step = dampedStep(jacobian, Float64Array.of(3, 4), Float64Array.of(9, 9, 0.5), 1e-6)
  expect(Array.from(step, (value) => Math.round(value * 1e6) / 1e6)).toEqual([3, 2, 0.5])
})

test.each([
  [
    [0.1, -0.6, 0.75],
    [0, 0, 0],
  ],
  [
    [0.2, -0.5, 1.2],
    [0, -0.5, 0],
  ],
  [
    [0.5, -0.2, 0.95],
    [0, 0, 1],
  ],
] as const)('lets other joints do what one at its limit cannot, at %j', (position, rotation) => {
  const { reached, joints } = kinematics.solve({ position, rotation: rotationMatrix(rotation) })
  expect(reached).toBe(true)
  const atLimit = armJoints.filter((name, i) => {
    const { low, high } = simulation.element(name)
    expect(low < joints[i]! && joints[i]! < high).toBe(true)
    return Math.min(joints[i]! - low, high - joints[i]!) < 0.021
  })
  expect(atLimit.length).toBeGreaterThan(0)
})

test('finds other answers for the same hand, within the limits, with the elbow elsewhere', () => {
  const target = overTable(0.5, 0, 0, 0)
  const first = kinematics.solve(target)
  const shoulders: number[] = []
  for (const { joints, positionError, rotationError } of kinematics.others(target, first)) {
    expect(positionError).toBeLessThan(reachTolerance.position)
    expect(rotationError).toBeLessThan(reachTolerance.rotation)
    armJoints.forEach((name, i) => {
      const { low, high } = simulation.element(name)
      expect(low < joints[i]! && joints[i]! < high).toBe(true)
    })
    shoulders.push(joints[1]!)
  }
  expect(Math.max(...shoulders) - Math.min(...shoulders)).toBeGreaterThan(0.5)
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { World } from '../acting/world.ts'
import type { Action } from '../commands/command.ts'
import { RobotControl } from '../control/robot-control.ts'
import { datasetDefaults } from '../dataset/options.ts'
import { SceneMaker } from '../dataset/scene-maker.ts'
import { demonstrate } from './demonstrate.ts'
import { Disturbance } from './disturbance.ts'

let world: World
let maker: SceneMaker
beforeAll(async () => {
  world = await World.open()
  maker = await SceneMaker.open({
    ...datasetDefaults,
    scenes: 10,
    commands: 1,
    captions: 1,
    size: 16,
    seed: 4,
  })
})
afterAll(() => world.dispose())

const eyes = { size: 16, smooth: false }
const quiet = { start: 0, joints: 0, base: 0, missed: 0 }

/** Demonstrations of the first scenes of an action. */
const shown = (action: Action, count: number, disturbances?: typeof quiet) =>
  Array.from({ length: count }, (_, number) => {
    const { record } = maker.make('validation', number, action)
    return demonstrate(world, record, record.commands[0]!, random(3, action, number), {
      base: action === 'go',
      actionSpace: 'joints',
      eyes,
      wrist: false,
      ...(disturbances && { disturbances }),
    })
  })

describe('experts', () => {
  test.each([
    ['pick', 2],
    ['put', 3],
    ['push', 2],
    ['go', 1],
  ] as const)('%s: most demonstrations succeed, and end in rest', (action, count) => {
    const kept = shown(action, count, quiet).filter((frames) => typeof frames !== 'string')
    expect(kept.length).toBeGreaterThanOrEqual(count / 2)
    for (const frames of kept) {
      expect(frames.length).toBeGreaterThan(20)
      expect(frames[0]!.box.some((x) => x > 0)).toBe(true)
      expect(frames[0]!.landmark.some((x) => x > 0)).toBe(action === 'put')
      expect(frames.at(-1)!.action).toHaveLength(action === 'go' ? 11 : 8)
      const [before, last] = frames.slice(-2) as [(typeof frames)[0], (typeof frames)[0]]
      last.state.forEach((value, i) => {
        expect(Math.abs(value - before.state[i]!)).toBeLessThan(0.05)
      })
    }
  })

  test('told by poses of the hand, a demonstration is the same motion', () => {
    const { record } = maker.make('validation', 0, 'pick')
    const [angles, poses] = (['joints', 'ee'] as const).map((actionSpace) =>
      demonstrate(world, record, record.commands[0]!, random(3, 'pick', 0), {
        base: false,
        actionSpace,
        eyes,
        wrist: false,
        disturbances: quiet,
      }),
    )
    if (typeof angles === 'string' || typeof poses === 'string')
      throw new Error('the demonstration was refused')
    expect(poses!.map(({ state }) => state.length)).toEqual(angles!.map(() => 7))
    // The expert's targets are the same, and what the hand makes of them.
    world.reset(record)
    const control = new RobotControl(world, { base: false, actionSpace: 'ee' })
    angles!.forEach(({ action, state }, t) => {
      const told = control.actionFor(action.slice(0, 7), action[7]!, [])
      told.forEach((value, i) => {
        expect(poses![t]!.action[i]).toBeCloseTo(value, 9)
      })
      control.actionFor(state.slice(0, 7), state[7]!, []).forEach((value, i) => {
        expect(Math.abs(poses![t]!.state[i]! - value)).toBeLessThan(i < 3 ? 0.02 : 0.1)
      })
    })
  })

  test('are disturbed, and tell what they would have done: states differ, actions stay; the same stream, the same frames', () => {
    const [frames] = shown('pick', 1, { ...quiet, joints: 0.05 })
    const [clean] = shown('pick', 1, quiet)
    const [again] = shown('pick', 1, { ...quiet, joints: 0.05 })
    if (typeof frames === 'string' || typeof clean === 'string')
      throw new Error('the demonstration was refused')
    expect(again).toEqual(frames)
    const apart = frames!.map(({ state }, t) =>
      Math.max(...state.slice(0, 7).map((angle, i) => Math.abs(angle - clean![t]!.state[i]!))),
    )
    expect(Math.max(...apart)).toBeGreaterThan(0.03)
    expect(frames!.map(({ action }) => action)).toEqual(clean!.map(({ action }) => action))
    // The disturbance dies away before the grasp.
    expect(apart[25]).toBeLessThan(Math.max(...apart) / 2)
  })

  test('try again after a miss: the hand begins closed and empty near the thing, opens, and takes it', () => {
    const kept = shown('pick', 4, { ...quiet, missed: 1 }).filter((frames) => typeof frames !== 'string')
    expect(kept.length).toBeGreaterThanOrEqual(2)
    const gripper = 7
    for (const frames of kept) {
      expect(frames[0]!.state[gripper]).toBeLessThan(0.05)
      expect(frames[0]!.action[gripper]).toBe(1)
      expect(frames[20]!.state[gripper]).toBeGreaterThan(0.9)
      expect(frames.at(-1)!.action[gripper]).toBe(0)
    }
    const [[first], [usual]] = [kept, shown('pick', 1, quiet) as (typeof kept)[0][]]
    const far = (frames: typeof first) =>
      Math.max(
        ...frames![0]!.state.slice(0, 7).map((angle, i) => Math.abs(angle - frames!.at(-1)!.state[i]!)),
      )
    expect(far(first)).toBeLessThan(far(usual))
  })
})

test('a disturbance wanders by its deviation, without a direction, and dies away where nothing may disturb', () => {
  const wandering = new Disturbance(random(1, 'noise'), 1, 0.5)
  const values = Array.from({ length: 4000 }, () => wandering.next(false)[0]!)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  expect(Math.abs(mean)).toBeLessThan(0.1)
  expect(deviation).toBeCloseTo(0.5, 1)
  const last = Math.abs(values.at(-1)!)
  for (let i = 0; i < 5; i++) wandering.next(true)
  expect(Math.abs(wandering.next(true)[0]!)).toBeLessThan(0.02 * Math.max(last, 0.01))
})

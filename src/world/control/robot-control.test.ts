import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { World } from '../acting/world.ts'
import type { Scene } from '../scene/scene.ts'
import { RobotControl } from './robot-control.ts'
import { TaskWatch } from './task-watch.ts'

let world: World
beforeAll(async () => {
  world = await World.open()
})
afterAll(() => world.dispose())

const box = {
  kind: 'box',
  color: 'red',
  shade: [0.8, 0.1, 0.1],
  position: [0.5, 0, 0.72],
  yaw: 0,
  scale: 1,
} as const
const book = { ...box, kind: 'book', position: [0.5, 0.15, 0.72] } as const
const table: Scene = { setting: 'table', things: [box, book] }

const joints = { base: false, actionSpace: 'joints' } as const
const hand = { base: false, actionSpace: 'ee' } as const

describe('continuous control', () => {
  test('tells and moves the arm and the gripper; twenty steps are a second', () => {
    world.reset(table)
    const control = new RobotControl(world, joints)
    expect(control.numbers.state).toEqual([...world.simulation.elements.arm, 'gripper'])
    const start = control.state()
    expect(start.at(-1)).toBeCloseTo(1, 2)
    const target = [...start.slice(0, 7).map((angle, i) => (i === 5 ? angle + 0.2 : angle)), 0]
    for (let step = 0; step < 20; step++) control.act(target)
    expect(world.simulation.data.time).toBeCloseTo(1, 9)
    const state = control.state()
    target.forEach((value, i) => {
      expect(Math.abs(state[i]! - value)).toBeLessThan(0.02)
    })
  })

  test('drives, and tells the pose of the base as seen from its start', () => {
    world.reset({ setting: 'floor', things: [] })
    const control = new RobotControl(world, { ...joints, base: true })
    const rest = control.state().slice(0, 8)
    for (let step = 0; step < 20; step++) control.act([...rest, 0.5, 0.2, 0])
    const [x, y, yaw] = control.state().slice(8) as [number, number, number]
    ;[0.5, 0.2, 0].forEach((expected, i) => {
      expect([x, y, yaw][i]).toBeCloseTo(expected, 1)
    })
    for (let step = 0; step < 20; step++) control.act([...rest, 0, 0, 0.5])
    expect(control.state().at(-1)).toBeCloseTo(0.5, 1)
  })

  test('tells and moves the hand by its pose, and goes to the nearest for one out of reach', () => {
    world.reset(table)
    const control = new RobotControl(world, hand)
    const pose = ['ee.x', 'ee.y', 'ee.z', 'ee.wx', 'ee.wy', 'ee.wz']
    expect(control.numbers.action).toEqual([...pose, 'gripper'])
    expect(control.numbers.state).toEqual(control.numbers.action)
    const reached = (target: readonly number[]) => {
      const from = control.state()
      for (let step = 1; step <= 40; step++) {
        const share = Math.min(1, step / 20)
        control.act(from.map((value, i) => value + share * (target[i]! - value)))
      }
      return control.state()
    }
    const goal = [0.5, 0.05, 0.95, 0, -0.3, 0.4, 1]
    reached(goal).forEach((value, i) => {
      expect(Math.abs(value - goal[i]!)).toBeLessThan(0.01)
    })
    const [x] = reached([2, ...goal.slice(1)])
    expect(x).toBeGreaterThan(0.55)
    expect(x).toBeLessThan(1.2)
    reached(goal).forEach((value, i) => {
      expect(Math.abs(value - goal[i]!)).toBeLessThan(0.02)
    })
  })

  test.each([joints, hand])('holds still in $actionSpace', (controls) => {
    world.reset(table)
    const control = new RobotControl(world, controls)
    const before = control.state()
    for (let step = 0; step < 5; step++) control.act(control.hold())
    control.state().forEach((value, i) => {
      expect(Math.abs(value - before[i]!)).toBeLessThan(0.02)
    })
    expect(control.hold()).toHaveLength(control.numbers.action.length)
  })

  test('refuses actions of other numbers, by their names', () => {
    world.reset(table)
    const control = new RobotControl(world, joints)
    const refused = (action: readonly number[]) => () => control.act(action)
    expect(refused([0, 0])).toThrow(/8 finite numbers: shoulder_pitch, .*gripper/)
    expect(refused(new Array(8).fill(Number.NaN))).toThrow(
      expect.objectContaining({ code: 'world/wrong-action' }),
    )
  })

  test('the camera at the wrist moves with the hand, and sees the table before it', () => {
    world.reset(table)
    const before = world.observe({ size: 32, camera: 'wrist' })
    expect(new Set(before.segmentation)).toContain(0)
    expect(before.color).not.toEqual(world.observe({ size: 32 }).color)
    const control = new RobotControl(world, joints)
    const start = control.state()
    for (let step = 0; step < 10; step++)
      control.act(start.map((value, i) => (i === 6 ? value + 0.5 : value)))
    expect(world.observe({ size: 32, camera: 'wrist' }).color).not.toEqual(before.color)
  })
})

describe('what counts as done', () => {
  /** Let time pass, and tell what the watch says. */
  const held = (steps: number, watch: TaskWatch) => {
    const control = new RobotControl(world, joints)
    const still = control.state()
    let state = watch.now()
    for (let step = 0; step < steps; step++) {
      control.act(still)
      state = watch.next()
    }
    return state
  }
  const at = (x: number, y: number, z = 0.72): Scene => ({
    setting: 'table',
    things: [{ ...box, position: [x, y, z] }, book],
  })

  test('a thing lies on another when it rests over it, not beside it', () => {
    const meaning = { action: 'put', target: 0, place: { is: 'on', to: 1 } } as const
    world.reset(at(0.5, 0.15, 0.756))
    expect(held(12, new TaskWatch(world, meaning)).done).toBe(true)
    world.reset(at(0.5, 0))
    const beside = held(12, new TaskWatch(world, meaning))
    expect(beside.done).toBe(false)
    expect(beside.distance).toBeGreaterThan(0.05)
  })

  test('a put needs an open gripper', () => {
    const meaning = { action: 'put', target: 0, place: { is: 'right', to: 1 } } as const
    world.reset(at(0.5, -0.05))
    expect(held(8, new TaskWatch(world, meaning)).done).toBe(true)
    world.reset(at(0.5, -0.05), { left_finger: 0, right_finger: 0 })
    expect(held(8, new TaskWatch(world, meaning)).done).toBe(false)
  })

  test('a thing is pushed when it lies five centimetres away in that direction, and picked up only when it is held up', () => {
    world.reset(table)
    const push = { action: 'push', target: 0, direction: 'left' } as const
    const before = new TaskWatch(world, push)
    expect(held(8, before)).toMatchObject({ done: false })
    const { model, data } = world.simulation
    const address = model.jnt_qposadr[model.body_jntadr[model.nbody - 2]!]!
    data.qpos[address + 1] = data.qpos[address + 1]! + 0.06
    expect(held(8, before).done).toBe(true)
    expect(held(8, new TaskWatch(world, { ...push, direction: 'right' })).done).toBe(false)
    expect(held(8, new TaskWatch(world, { action: 'pick', target: 0 })).done).toBe(false)
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WorldError } from '../../core/index.ts'
import { datasetDefaults, tabletopRandomization } from '../dataset/options.ts'
import { SceneMaker } from '../dataset/scene-maker.ts'
import type { CommandRecord, SceneRecord } from '../dataset/scene-record.ts'
import type { Truth } from '../expert/ground-truth.ts'
import { displacedCamera } from '../randomization/index.ts'
import type { RenderScene } from '../renderer/index.ts'
import type { NamedThing } from '../scene/scene.ts'
import { pointOutOf } from '../simulation/frame.ts'
import { moveArm } from './arm-motion.ts'
import { driveTowards } from './drive.ts'
import { take } from './take.ts'
import { World } from './world.ts'

let world: World
let maker: SceneMaker
beforeAll(async () => {
  world = await World.open()
  maker = await SceneMaker.open({ ...datasetDefaults, scenes: 100, seed: 21 })
})
afterAll(() => world.dispose())

/** Scenes of one setting with their first command. */
const tasks = (first: 0 | 1, count: number): { record: SceneRecord; command: CommandRecord }[] =>
  Array.from({ length: count }, (_, i) => {
    const { record } = maker.make('validation', 2 * i + first)
    return { record, command: record.commands[0]! }
  })

const codeOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof WorldError) return error.code
    throw error
  }
  return 'nothing thrown'
}

describe('the arm', () => {
  test('brought to the labels’ joint angles is at the commanded thing, and has thrown nothing over', () => {
    for (const { record, command } of tasks(0, 12)) {
      world.reset(record)
      const before = record.things.map((_, index) => world.simulation.thingFrame(index).position)
      moveArm(world, command.labels.joints!)
      const judged = world.judgeHand(command.target)
      expect(judged).toMatchObject({ success: true, nearest: command.target, tolerance: 0.03 })
      before.forEach((place, index) => {
        const now = world.simulation.thingFrame(index).position
        expect(Math.hypot(...now.map((x, i) => x - place[i]!))).toBeLessThan(0.03)
      })
    }
  })

  test('is not at the thing when it is at another’s', () => {
    const { record } = tasks(0, 12).find(({ record: { commands } }) => commands.length > 1)!
    const [one, other] = record.commands as [CommandRecord, CommandRecord]
    world.reset(record)
    moveArm(world, other.labels.joints!)
    expect(world.judgeHand(one.target)).toMatchObject({ success: false, nearest: other.target })
  })

  test('that is told to be where it cannot be ends at its limits, and everything stays finite', () => {
    world.reset(tasks(0, 1)[0]!.record)
    moveArm(world, [9, -9, 9, 9, -9, 9, -9])
    expect(world.joints.every(Number.isFinite)).toBe(true)
    world.joints.forEach((angle) => {
      expect(Math.abs(angle)).toBeLessThan(3)
    })
  })
})

describe('a thing that is to be put beside another', () => {
  const shade = [1, 1, 1] as const
  const thing = (kind: 'ball' | 'box', color: 'red' | 'blue', x: number, y: number): NamedThing => {
    return { kind, color, shade, position: [x, y, 0.72], yaw: 0, scale: 1 }
  }
  const meaning = { action: 'put', target: 0, place: { is: 'behind', to: 1 } } as const
  const move = (index: number, x: number, y: number, z = 0.72): void => {
    const { model, data, mujoco } = world.simulation
    const body = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_BODY.value, `thing${index}`)
    data.qpos.set([x, y, z], model.jnt_qposadr[model.body_jntadr[body]!]!)
    mujoco.mj_kinematics(model, data)
  }

  test('is judged by where it lies, wherever the hand is', () => {
    world.reset({ setting: 'table', things: [thing('box', 'red', 0.4, 0.1), thing('box', 'blue', 0.5, 0)] })
    expect(world.judge(meaning)).toMatchObject({ success: false, tolerance: 0 })
    move(0, 0.6, 0.02)
    expect(world.judge(meaning)).toEqual({ success: true, distance: 0, tolerance: 0 })
    move(1, 0.6, -0.1) // the other was pushed
    const judged = world.judge(meaning)
    expect(judged.success).toBe(false)
    expect(judged.distance).toBeCloseTo(0.12 * Math.sin((55 * Math.PI) / 180), 9)
    expect(world.judgeHand(0).distance).toBeGreaterThan(0.1)
  })

  test('does not lie there while it is on the floor or held above the table', () => {
    world.reset({ setting: 'table', things: [thing('box', 'red', 0.4, 0.1), thing('box', 'blue', 0.5, 0)] })
    for (const height of [0, 0.9]) {
      move(0, 0.6, 0, height)
      expect(world.judge(meaning)).toMatchObject({ success: false, distance: 0 })
    }
  })
})

describe('the base', () => {
  test('drives to the labels’ places, from wherever the robot stands in the world', () => {
    for (const { record, command } of tasks(1, 6)) {
      world.reset(record)
      expect(world.judge(command).success).toBe(false)
      const [x, y, z] = command.labels.navigation!
      driveTowards(world, pointOutOf(world.simulation.startFrame, [x!, y!, z!]), 8)
      expect(world.judge(command)).toMatchObject({ success: true, tolerance: 0.1 })
    }
  })

  test('moves in the robot’s frame at the speed that it is told', () => {
    world.reset(tasks(1, 1)[0]!.record)
    const start = world.simulation.startFrame
    world.act({ base: { forward: 0.5, left: 0, turn: 0 } }, 1)
    const [forward, left] = world.inRobotFrame(start.position)
    expect(-forward).toBeGreaterThan(0.4)
    expect(-forward).toBeLessThan(0.52)
    expect(Math.abs(left)).toBeLessThan(0.01)
  })
})

describe('a world', () => {
  test('shows what the data set shows of the same scene', () => {
    const { record, rendering } = maker.make('validation', 0)
    world.reset(record)
    expect(world.observe().color).toEqual(rendering.color)
    const randomization = tabletopRandomization()
    expect(world.observe({ randomization, seed: 1 }).color).not.toEqual(rendering.color)
    expect(world.observe({ randomization, seed: 1 })).toEqual(world.observe({ randomization, seed: 1 }))
  })

  test('is in the same state after the same actions', () => {
    const { record, command } = tasks(0, 1)[0]!
    const states = [0, 1].map(() => {
      world.reset(record)
      moveArm(world, command.labels.joints!)
      return Array.from(world.simulation.data.qpos)
    })
    expect(states[0]).toEqual(states[1])
  })

  test('closes its gripper on a thing and lifts it', () => {
    const { record, command } = tasks(0, 12).find(
      ({ record: r, command: c }) => r.things[c.target]!.kind === 'box',
    )!
    const thing = record.things[command.target] as NamedThing
    world.reset(record)
    expect(take(world, command.labels.grasp!)).toBe(true)
    const height = world.simulation.thingFrame(command.target).position[2] - thing.position[2]
    expect(height).toBeGreaterThan(0.07)
  })

  test('moves nothing for a grasp out of reach', () => {
    world.reset(tasks(0, 1)[0]!.record)
    const before = world.joints
    expect(take(world, [3, 0, 1, 0, 0, 0])).toBe(false)
    expect(world.joints).toEqual(before)
  })

  test.each([
    ['a number that is none', { joints: [0, 0, 0, Number.NaN, 0, 0, 0] }, 0.1],
    ['six joints', { joints: [0, 0, 0, 0, 0, 0] }, 0.1],
    ['no time', {}, 0],
    ['a time without end', {}, Number.POSITIVE_INFINITY],
  ])('refuses an action with %s', (_, action, seconds) => {
    world.reset(tasks(0, 1)[0]!.record)
    expect(codeOf(() => world.act(action, seconds))).toBe('world/wrong-action')
  })

  test('refuses to judge what is no task of its scene, and to act before there is one', () => {
    world.reset(tasks(0, 1)[0]!.record)
    expect(codeOf(() => world.judge({ action: 'go', target: 0 }))).toBe('world/wrong-task')
    expect(codeOf(() => world.judge({ action: 'pick', target: 99 }))).toBe('world/wrong-task')
    world.dispose()
    expect(codeOf(() => world.act({}, 1))).toBe('world/not-reset')
  })
})

describe('a world that is changed', () => {
  test('gives the same right answers as the data set, and those of another camera', () => {
    for (const { record, command } of [...tasks(0, 3), ...tasks(1, 3)]) {
      world.reset(record)
      const before = world.joints
      const truth = world.answers()[command.target]
      expect(truth).toBeTypeOf('object')
      const { box, joints, navigation } = truth as Truth
      const rounded = (numbers: readonly number[]) => numbers.map((x) => Math.round(x * 1e6) / 1e6)
      expect(rounded(box)).toEqual(command.labels.box)
      if (joints) expect(rounded(joints)).toEqual(command.labels.joints)
      if (navigation) expect(rounded(navigation)).toEqual(command.labels.navigation)
      expect(world.joints).toEqual(before)
      const aside = (scene: RenderScene) => ({
        ...scene,
        camera: displacedCamera(scene.camera, [0, 0, 0], [0, 4, 0]),
      })
      // The camera turns to the left, so that what it sees moves to the right.
      const moved = world.answers({ change: aside })[command.target]
      if (typeof moved === 'object') expect(moved.box[0]).toBeGreaterThan(box[0]! + 0.02)
      const away = (scene: RenderScene) => ({
        ...scene,
        camera: displacedCamera(scene.camera, [0, 0, 0], [0, 120, 0]),
      })
      expect(world.answers({ change: away })[command.target]).toBe('hidden')
      expect(world.observe({ change: aside }).color).not.toEqual(world.observe().color)
    }
  })

  test('begins in another posture with everything else in its place', () => {
    const { record } = tasks(0, 1)[0]!
    world.reset(record)
    const [elbow, things] = [world.joints[3]!, record.things.map((_, i) => world.simulation.thingFrame(i))]
    world.reset(record, { elbow: elbow - 0.2 })
    expect(world.joints[3]!).toBeCloseTo(elbow - 0.2, 12)
    expect(record.things.map((_, i) => world.simulation.thingFrame(i))).toEqual(things)
    world.act({}, 0.5) // the arm is held there
    expect(world.joints[3]!).toBeCloseTo(elbow - 0.2, 1)
  })
})

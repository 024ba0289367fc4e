import { afterAll, describe, expect, test } from 'vitest'
import { datasetDefaults } from '../dataset/options.ts'
import { SceneMaker } from '../dataset/scene-maker.ts'
import type { CommandRecord, SceneRecord } from '../dataset/scene-record.ts'
import { render } from '../renderer/index.ts'
import { armJoints } from '../robot/joint-names.ts'
import { ownRobot } from '../robot/robot-description.ts'
import { type KindName, kindNames, kinds } from '../scene/kinds.ts'
import type { NamedThing, SceneThing, Setting } from '../scene/scene.ts'
import { loadMujoco } from '../simulation/mujoco.ts'
import { renderState } from '../simulation/render-state.ts'
import { rotationMatrix } from '../simulation/rotation.ts'
import { Simulation } from '../simulation/simulation.ts'
import { armCollision } from './arm-collision.ts'
import { graspFrame } from './grasp.ts'
import { groundTruth, type Truth, type Visibility } from './ground-truth.ts'
import { InverseKinematics, reachTolerance } from './inverse-kinematics.ts'

const mujoco = await loadMujoco()
const ends: (() => void)[] = []
afterAll(() => {
  for (const end of ends) end()
})

function open(things: readonly SceneThing[], setting: Setting = 'table') {
  const simulation = new Simulation(mujoco, { setting, things })
  const kinematics = new InverseKinematics(simulation)
  ends.push(() => {
    kinematics.dispose()
    simulation.dispose()
  })
  return { simulation, kinematics }
}

const shade = [0.8, 0.1, 0.1] as const
const thing = (kind: KindName, x: number, y: number, changes: Partial<NamedThing> = {}): NamedThing => {
  return { kind, color: 'red', shade, position: [x, y, 0.72], yaw: 0, scale: 1, ...changes }
}
const bottle = (x: number, y: number): SceneThing => {
  return { kind: 'bottle', shade, position: [x, y, 0.72], yaw: 0, scale: 1 }
}

function answers(things: readonly SceneThing[], setting?: Setting, visibility?: Visibility) {
  const { simulation, kinematics } = open(things, setting)
  const scene = renderState(simulation, { width: 64, height: 64 })
  return groundTruth(simulation, kinematics, scene, render(scene), visibility)
}

describe('the right answers about a thing', () => {
  test('are where it is, and how to take it; about what no command speaks of there are none', () => {
    const [ball, other] = answers([thing('ball', 0.5, 0), bottle(0.62, 0.1)])
    expect(other).toBeUndefined()
    const truth = ball as Truth
    expect(truth).toMatchObject({ category: kindNames.indexOf('ball'), visible: 1 })
    expect(truth.grasp!.slice(0, 3)).toEqual([0.5, 0, 0.72 + kinds.ball.grasp.height])
    expect(truth.joints).toHaveLength(armJoints.length)
    expect(truth).not.toHaveProperty('navigation')
  })

  test('on the floor are where to go', () => {
    const [box] = answers([thing('box', 1.6, 0, { position: [1.6, 0, 0], scale: 3 })], 'floor') as [Truth]
    expect(box.navigation![0]).toBeCloseTo(1.6 - 3 * kinds.box.radius - 0.35, 9)
    expect(box).not.toHaveProperty('grasp')
    expect(box).not.toHaveProperty('joints')
  })
})

describe('there is no right answer about a thing', () => {
  test('beside which the fingers find no room', () => {
    const ball = thing('ball', 0.5, 0)
    expect(answers([ball, bottle(0.5, 0.068)])[0]).toBe('collision')
    expect(answers([ball, bottle(0.5, -0.068)])[0]).toBe('collision')
    expect(answers([ball, bottle(0.5, 0.1)])[0]).toHaveProperty('joints')
  })

  test('that another hides, unless less of it is enough', () => {
    const things = [thing('ball', 0.6, 0), thing('box', 0.5, 0.02, { yaw: Math.PI / 2, scale: 1.7 })]
    expect(answers(things)[0]).toBe('hidden')
    expect(answers(things, 'table', { share: 0.1, pixels: 2 })[0]).not.toBe('hidden')
    expect(answers(things.slice(0, 1))[0]).toHaveProperty('visible', 1)
  })

  test('of which too few pixels are seen', () => {
    const small = [thing('ball', 0.5, 0, { scale: 0.3 })]
    expect(answers(small)[0]).toBe('hidden')
    expect(answers(small, 'table', { share: 0.5, pixels: 2 })[0]).not.toBe('hidden')
  })

  test('that is too far for the arm, though it is seen', () => {
    expect(answers([thing('ball', 0.8, 0)])[0]).toBe('unreachable')
  })
})

test('where the forearm would be in another thing, the arm takes another posture', () => {
  const cups = [
    thing('cup', 0.392, -0.165, { yaw: 0.71, scale: 1.03 }),
    thing('cup', 0.588, -0.065, { yaw: 0.26, scale: 0.99 }),
    thing('cup', 0.433, 0.117, { yaw: -0.05, scale: 0.98 }),
    thing('cup', 0.596, 0.088, { yaw: 0.89, scale: 0.95 }),
  ]
  const { simulation, kinematics } = open(cups)
  const { position, rotation } = graspFrame(cups[2]!)
  expect(kinematics.solve({ position, rotation }).reached).toBe(true)
  expect(armCollision(simulation)).toMatchObject({ ofHand: false })
  const truth = answers(cups)[2] as Truth
  kinematics.handAt(truth.joints!)
  expect(armCollision(simulation)).toBeUndefined()
  const hand = simulation.handFrame().position
  expect(Math.hypot(...hand.map((value, i) => value - position[i]!))).toBeLessThan(reachTolerance.position)
})

describe('a collision of the arm', () => {
  const { simulation, kinematics } = open([bottle(0.5, 0.06)])
  const handAt = (x: number, y: number, z: number) => {
    expect(kinematics.solve({ position: [x, y, z], rotation: rotationMatrix([0, 0, 0]) }).reached).toBe(true)
    return armCollision(simulation)
  }

  test('is none where it stands free, and none with what it barely touches', () => {
    expect(handAt(0.5, -0.1, 0.8)).toBeUndefined()
    // A finger’s outer side is 6.4 cm from the hand’s middle, the bottle’s 2.4 from its own.
    expect(handAt(0.5, 0.06 - 0.088 + 0.0005, 0.76)).toBeUndefined()
  })

  test('names both bodies, and how deep they are in one another', () => {
    const thingHit = handAt(0.5, 0.06 - 0.088 + 0.004, 0.76)!
    expect([...thingHit.bodies].sort()).toEqual(['left_finger', 'thing0'])
    expect(thingHit.depth).toBeCloseTo(0.004, 3)
    const tableHit = handAt(0.5, -0.1, 0.715)!
    expect(tableHit.bodies).toContain('table')
    expect(tableHit.bodies.some((name) => name.endsWith('finger'))).toBe(true)
  })
})

describe('the labels of generated scenes', async () => {
  const maker = await SceneMaker.open({ ...datasetDefaults, scenes: 100, seed: 8 })
  const scenes = Array.from({ length: 60 }, (_, number) => maker.make('heldOutScenes', number).record)
  const commands = scenes.flatMap((scene) => scene.commands.map((command) => ({ scene, command })))

  test('have the box in which the corners of a thing lie, projected by hand', () => {
    const angular = commands.filter(
      ({ scene, command }) =>
        isWholeInSight(scene, command) && ['box', 'book'].includes(scene.things[command.target]!.kind),
    )
    for (const setting of ['table', 'floor'] as const) {
      expect(angular.filter(({ scene }) => scene.setting === setting).length).toBeGreaterThan(3)
    }
    for (const { scene, command } of angular) {
      const corners = cornersOf(scene.things[command.target] as NamedThing)
        .map((corner) => intoWorld(scene.setting, corner))
        .map((corner) => project(scene.camera, corner))
      const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
      const bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
      bounds.forEach((edge, i) => {
        expect(Math.abs(edge - command.labels.box![i]!)).toBeLessThan(1 / 64)
      })
    }
  })

  test('have joint angles that bring the hand to the grasp, in place and turn', () => {
    const grasps = commands.filter(({ command }) => command.labels.grasp !== undefined)
    expect(grasps.length).toBeGreaterThan(30)
    for (const { scene, command } of grasps) {
      const { grasp, joints } = command.labels
      const hand = open(scene.things).kinematics.handAt(joints!)
      const away = hand.position.map((coordinate, i) => coordinate - grasp![i]!)
      expect(Math.hypot(...away)).toBeLessThan(reachTolerance.position)
      const right = rotationMatrix(grasp!.slice(3) as [number, number, number])
      // Two rotations an angle a apart differ by 2 √2 sin(a / 2) in the Frobenius norm.
      const difference = Math.hypot(...Array.from(right, (entry, i) => entry - hand.rotation[i]!))
      expect(2 * Math.asin(difference / Math.sqrt(8))).toBeLessThan(reachTolerance.rotation)
    }
  })
})

/** What clutter adds to a scene's complexity is known; the rest of it is what is hidden of the thing. */
function isWholeInSight({ things }: SceneRecord, { complexity }: CommandRecord): boolean {
  const clutter = things.filter((other) => !('color' in other)).length
  return complexity.scene < 0.1 * clutter + 1e-9
}

/** Of all boxes that a thing is made of, in the robot's frame. */
function cornersOf({ kind, position, yaw, scale }: NamedThing): number[][] {
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)]
  return kinds[kind].parts.flatMap((part) => {
    const { halfSizes } = part.shape as { halfSizes: readonly number[] }
    return Array.from({ length: 8 }, (_, corner) => {
      const [x, y, z] = halfSizes.map(
        (half, axis) => scale * (part.position[axis]! + ((corner >> axis) & 1 ? half : -half)),
      ) as [number, number, number]
      return [position[0] + cos * x - sin * y, position[1] + sin * x + cos * y, position[2] + z]
    })
  })
}

/** On the floor the robot begins elsewhere, and looks the other way. */
function intoWorld(setting: Setting, [x, y, z]: number[]): number[] {
  if (setting === 'table') return [x!, y!, z!]
  const { base_x, base_yaw } = ownRobot.postures.start.floor
  expect(base_yaw).toBe(Math.PI)
  return [base_x! - x!, -y!, z!]
}

/** Fractions of the square picture, y down. */
function project({ position, rotation, verticalFov }: SceneRecord['camera'], point: number[]) {
  const [right, up, back] = [0, 1, 2].map((axis) =>
    point.reduce((sum, coordinate, i) => sum + rotation[3 * i + axis]! * (coordinate - position[i]!), 0),
  ) as [number, number, number]
  const focal = 0.5 / Math.tan((verticalFov * Math.PI) / 360)
  return [0.5 - (focal * right) / back, 0.5 + (focal * up) / back] as const
}

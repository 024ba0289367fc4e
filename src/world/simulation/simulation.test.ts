import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { WorldError } from '../../core/index.ts'
import type { Shape3 } from '../renderer/index.ts'
import { armJoints, jointNames } from '../robot/joint-names.ts'
import { readRobot } from '../robot/read-robot.ts'
import { ownRobot } from '../robot/robot-description.ts'
import { robotMjcf } from '../robot/robot-mjcf.ts'
import type { Scene } from '../scene/scene.ts'
import { pointInto, pointOutOf } from './frame.ts'
import { loadMujoco } from './mujoco.ts'
import { renderState, surroundings } from './render-state.ts'
import { Simulation } from './simulation.ts'

const mujoco = await loadMujoco()
const opened: Simulation[] = []
const open = (scene: Scene, robot = ownRobot): Simulation => {
  const simulation = new Simulation(mujoco, scene, robot)
  opened.push(simulation)
  return simulation
}
afterEach(() => {
  for (const simulation of opened.splice(0)) simulation.dispose()
})

const shade = [0.8, 0.1, 0.1] as const
const table: Scene = {
  setting: 'table',
  things: [
    { kind: 'cup', color: 'red', shade, position: [0.4, 0.1, 0.72], yaw: 0.3, scale: 1 },
    { kind: 'bottle', shade, position: [0.6, -0.1, 0.72], yaw: 0, scale: 1 },
  ],
}
const floor: Scene = {
  setting: 'floor',
  things: [{ kind: 'box', color: 'red', shade, position: [1.5, 0.4, 0], yaw: 0.2, scale: 3 }],
}
const errorOf = async (action: () => unknown): Promise<WorldError> => {
  try {
    await action()
  } catch (error) {
    if (error instanceof WorldError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a simulation', () => {
  test('begins with everything where the scene has it, in the robot’s frame of either setting', () => {
    for (const scene of [table, floor]) {
      const simulation = open(scene)
      scene.things.forEach((thing, index) => {
        const place = pointInto(simulation.robotFrame(), simulation.thingFrame(index).position)
        place.forEach((coordinate, i) => {
          expect(coordinate).toBeCloseTo(thing.position[i]!, 9)
        })
      })
    }
  })

  test('stays at rest: two seconds later things and joints are where they were', () => {
    const simulation = open(table)
    const before = [...armJoints.map((name) => simulation.joint(name)), ...simulation.thingFrame(0).position]
    simulation.step(Math.round(2 / simulation.timestep))
    const after = [...armJoints.map((name) => simulation.joint(name)), ...simulation.thingFrame(0).position]
    after.forEach((value, i) => {
      expect(Math.abs(value - before[i]!)).toBeLessThan(0.003)
    })
  })

  test('refuses to go on with a state that is not finite', async () => {
    const simulation = open(table)
    simulation.setPosture({ elbow: Number.NaN })
    expect((await errorOf(() => simulation.step(1))).code).toBe('world/not-finite')
  })

  test('blames a scene for its NaN, and not the robot', () => {
    const things = table.things.map((thing) => ({ ...thing, position: [0.4, Number.NaN, 0.72] as const }))
    const attempt = () => open({ ...table, things })
    expect(attempt).toThrow(expect.objectContaining({ code: 'world/scene' }))
    expect(attempt).toThrow(/^things\[0\] \(red cup\)\.position of the scene must be .* NaN, 0\.72\]$/)
  })

  test('runs in a worker thread', async () => {
    const code = `
      import load from '@mujoco/mujoco'
      import { parentPort } from 'node:worker_threads'
      const mujoco = await load()
      const model = mujoco.MjModel.from_xml_string('<mujoco><worldbody><geom size=".1"/></worldbody></mujoco>')
      parentPort.postMessage(model.ngeom)`
    const worker = new Worker(
      new URL(
        `data:text/javascript,${encodeURIComponent(code.replace('@mujoco/mujoco', import.meta.resolve('@mujoco/mujoco')))}`,
      ),
    )
    const answer = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
    await worker.terminate()
    expect(answer).toBe(1)
  })
})

describe('the picture of a simulation', () => {
  test('shows the thing’s parts under its number and the rest as surroundings', () => {
    const scene = renderState(open(table), { width: 64, height: 64 })
    const count = (id: number) => scene.objects.filter((object) => object.id === id).length
    expect([count(1), count(2)]).toEqual([3, 3])
    expect(count(surroundings)).toBeGreaterThan(20)
    expect(scene.camera).toMatchObject({ verticalFov: 50, width: 64, height: 64 })
  })

  test('looks along the robot’s x and down', () => {
    const { camera } = renderState(open(table), { width: 64, height: 64 })
    const [x, z] = [-camera.rotation[2]!, -camera.rotation[8]!]
    expect(Math.atan2(-z, x)).toBeCloseTo(ownRobot.postures.start.table.head_pitch!, 6)
  })
})

describe('a robot of one’s own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'robot-'))
  const save = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  test('is read with the files it includes', async () => {
    const [before, rest] = robotMjcf.split('<body name="table"')
    save(
      'table.xml',
      `<mujoco><worldbody><body name="table"${rest!.slice(0, rest!.indexOf('<body name="base"'))}</worldbody></mujoco>`,
    )
    const after = rest!.slice(rest!.indexOf('<body name="base"'))
    const main = save(
      'robot.xml',
      `${before}${after}`.replace('<worldbody>', '<include file="table.xml"/><worldbody>'),
    )
    expect(open(table, await readRobot(main)).model.ngeom).toBe(open(table).model.ngeom)
  })

  test('without the named joints and camera is refused with all that is missing', async () => {
    const path = save(
      'headless.xml',
      robotMjcf.replaceAll('"elbow"', '"elbow_joint"').replace('camera name="head"', 'camera name="eye"'),
    )
    const error = await errorOf(async () => open(table, await readRobot(path)))
    expect(error.code).toBe('world/missing-names')
    expect(error.facts.missing).toEqual(['joint "elbow"', 'actuator "elbow"', 'camera "head"'])
    expect(error.message).toContain('shoulder_yaw, elbow_joint, wrist_yaw')
  })

  test('that MuJoCo cannot read is refused with its words', async () => {
    const error = await errorOf(async () =>
      open(
        table,
        await readRobot(save('bad.xml', '<mujoco><worldbody><geom type="egg"/></worldbody></mujoco>')),
      ),
    )
    expect(error.code).toBe('world/mjcf')
    expect(error.message).toMatch(/bad\.xml.*egg/)
  })

  test.each([
    ['no MJCF', 'hello', 'world/mjcf'],
    [
      'an actuator of another sort',
      ['<position name="elbow"', '<motor name="elbow"'],
      'world/wrong-actuator',
    ],
    [
      'an actuator of another joint',
      ['"elbow" joint="elbow"', '"elbow" joint="wrist_yaw"'],
      'world/wrong-actuator',
    ],
    [
      'a joint that turns every way',
      ['<joint name="wrist_roll" axis="1 0 0" range="-2 2"/>', '<joint name="wrist_roll" type="ball"/>'],
      'world/wrong-joint',
    ],
    ['steps so short that nothing seems to move', ['"0.004"', '"1e-7"'], 'world/wrong-timestep'],
    ['a table out of reach', ['pos=".55 0 0"', 'pos="2 0 0"'], 'world/wrong-table'],
    ['a table that is too small', ['size=".28 .42 .02"', 'size=".1 .42 .02"'], 'world/wrong-table'],
    [
      'a round table',
      ['type="box" size=".28 .42 .02"', 'type="cylinder" size=".4 .02"'],
      'world/wrong-table',
    ],
  ] as const)('with %s is refused', async (_, change, code) => {
    const text = typeof change === 'string' ? change : robotMjcf.replace(change[0], change[1])
    expect(text).not.toBe(robotMjcf)
    expect((await errorOf(async () => open(table, await readRobot(save('wrong.xml', text))))).code).toBe(code)
  })

  test('holds itself as its keyframes say', async () => {
    const qpos = [0, 0, 0, 0.7, -0.1, -0.5, -0.4, 2.3, -0.4, -1.7, 0.3, 0.01, 0.02]
    const keyframes = `<keyframe><key name="table" qpos="${qpos.join(' ')}"/></keyframe></mujoco>`
    const path = save('keyframes.xml', robotMjcf.replace('</mujoco>', keyframes))
    const simulation = open(table, await readRobot(path))
    expect(jointNames.map((name) => simulation.joint(name))).toEqual(qpos)
    expect(simulation.postures.reach).toBe(ownRobot.postures.reach)
  })

  test('shows its meshes, and not the shapes that only collide', async () => {
    save('wedge.obj', 'v 0 0 0\nv .2 0 0\nv 0 .1 0\nv 0 0 .1\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n')
    const more = `<asset><mesh name="wedge" file="wedge.obj"/></asset><worldbody>
      <geom type="mesh" mesh="wedge" pos=".5 .1 .8"/><geom size=".1" pos=".5 0 .9" group="3"/>`
    const path = save('wedge.xml', robotMjcf.replace('<worldbody>', more))
    const { objects } = renderState(open(table, await readRobot(path)), { width: 8, height: 8 })
    const [mesh, ...others] = objects.filter(({ shape }) => shape.kind === 'mesh')
    expect(others).toEqual([])
    const { positions } = mesh!.shape as Extract<Shape3, { kind: 'mesh' }>
    const places = Array.from({ length: 4 }, (_, i) =>
      pointOutOf({ position: mesh!.position, rotation: mesh!.rotation }, [
        positions[3 * i]!,
        positions[3 * i + 1]!,
        positions[3 * i + 2]!,
      ]).map((coordinate) => Math.round(1e4 * coordinate) / 1e4),
    )
    expect(places).toEqual(
      expect.arrayContaining([
        [0.5, 0.1, 0.8],
        [0.7, 0.1, 0.8],
        [0.5, 0.1, 0.9],
      ]),
    )
    expect(objects.some(({ shape }) => shape.kind === 'sphere' && shape.radius === 0.1)).toBe(false)
  })

  test('shows the upper side of its height fields', async () => {
    const more = `<asset><hfield name="hill" nrow="2" ncol="3" size="2 1 .4 .1" elevation="0 0 0 0 1 .5"/></asset>
      <worldbody><geom type="hfield" hfield="hill" pos="0 0 .1"/>`
    const path = save('hill.xml', robotMjcf.replace('<worldbody>', more))
    const { objects } = renderState(open(table, await readRobot(path)), { width: 8, height: 8 })
    const { shape, position } = objects.find((object) => object.shape.kind === 'mesh')!
    const { positions, indices } = shape as Extract<Shape3, { kind: 'mesh' }>
    expect(position).toEqual([0, 0, 0.1])
    const vertices = Array.from({ length: 6 }, (_, i) =>
      Array.from(positions.subarray(3 * i, 3 * i + 3), (value) => Math.round(value * 1e6) / 1e6),
    )
    // In MJCF the first row is written for the greatest y.
    expect(vertices).toEqual([
      [-2, -1, 0],
      [0, -1, 0.4],
      [2, -1, 0.2],
      [-2, 1, 0],
      [0, 1, 0],
      [2, 1, 0],
    ])
    expect([...indices]).toEqual([0, 1, 4, 0, 4, 3, 1, 2, 5, 1, 5, 4])
  })

  test('that is not there is refused by its path', async () => {
    expect((await errorOf(() => readRobot(join(folder, 'none.xml')))).code).toBe('world/missing-file')
    const path = save('mesh.xml', '<mujoco><asset><mesh file="gone.obj"/></asset></mujoco>')
    expect((await errorOf(() => readRobot(path))).facts.file).toContain('gone.obj')
  })
})

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { moveArm } from '../acting/arm-motion.ts'
import { World } from '../acting/world.ts'
import { generateDataset } from '../dataset/generate.ts'
import { datasetDefaults } from '../dataset/options.ts'
import { SceneMaker } from '../dataset/scene-maker.ts'
import { checkRobot } from './check-robot.ts'
import { readRobot } from './read-robot.ts'
import { ownRobot } from './robot-description.ts'
import { robotMjcf } from './robot-mjcf.ts'

const folder = mkdtempSync(join(tmpdir(), 'check-'))
const save = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const example = fileURLToPath(new URL('../../../examples/own-robot/robot.xml', import.meta.url))
const sixJoints = readFileSync(example, 'utf8')

describe('the check of a robot', () => {
  test('finds that the built-in one does everything, and shows its table', async () => {
    const { picture, problem, worst, collision, ...facts } = await checkRobot(ownRobot, 32)
    expect([problem, worst, collision]).toEqual([undefined, undefined, undefined])
    expect(facts).toMatchObject({ drives: true, seen: 1 })
    expect(facts.arm).toHaveLength(7)
    expect(facts.reach.reached).toBe(facts.reach.tried)
    expect(picture!.color).toHaveLength(3 * 32 * 32)
  })

  test('finds that the example with six joints does too, and stands fast', async () => {
    const { arm, drives, collision, reach, seen } = await checkRobot(await readRobot(example), 32)
    expect({ arm: arm.length, drives, seen }).toEqual({ arm: 6, drives: false, seen: 1 })
    expect(collision).toBeUndefined()
    expect(reach.free / reach.tried).toBeGreaterThan(0.98)
  })

  test('says what is in the way, what is missed by how much, and what is not seen', async () => {
    const far = sixJoints
      .replace('pos=".1 -.3 .8825"', 'pos="-.2 -.3 .8825"')
      .replace('.771 0 .637', '0 0 1')
      .replace('<key name="table" qpos="-1.6 -.2', '<key name="table" qpos="-.1 1.3')
    const check = await checkRobot(await readRobot(save('far.xml', far)), 16)
    expect(check.collision!.depth).toBeGreaterThan(0.001)
    expect(check.reach.reached).toBeLessThan(check.reach.tried)
    expect(check.worst!.place[0]).toBeGreaterThan(0.5)
    expect(check.worst!.position).toBeGreaterThan(0.002)
    expect(check.seen).toBe(0)
  })

  test('is the error of what is missing', async () => {
    const nameless = await readRobot(
      save('nameless.xml', sixJoints.replace('site name="hand"', 'site name="tool"')),
    )
    const { problem } = await checkRobot(nameless)
    expect(problem).toMatchObject({ code: 'world/missing-names', facts: { missing: ['site "hand"'] } })
  })
})

describe('a robot with six joints that stands fast', () => {
  const options = {
    ...datasetDefaults,
    scenes: 4,
    seed: 3,
    size: 32,
    setting: 'table',
    robot: example,
  } as const

  test('has labels of six joints at the table, which bring its hand to the thing', async () => {
    const maker = await SceneMaker.open(options)
    const world = await World.open(await readRobot(example))
    for (let number = 0; number < 3; number++) {
      const { record } = maker.make('train', number)
      const { labels, target } = record.commands[0]!
      expect(labels.joints).toHaveLength(6)
      world.reset(record)
      moveArm(world, labels.joints!)
      expect(world.judgeHand(target)).toMatchObject({ success: true, nearest: target })
    }
    expect(() => world.act({ base: { forward: 1, left: 0, turn: 0 } }, 0.1)).toThrow(/stands fast/)
    world.act({ base: { forward: 0, left: 0, turn: 0 }, gripper: 0 }, 0.1)
    world.dispose()
  })

  test('is refused on the floor, before anything is written', async () => {
    const making = generateDataset(join(folder, 'floor'), { ...options, setting: 'both' })
    await expect(making).rejects.toMatchObject({ code: 'world/fixed-base' })
  })

  test('must have all of a base, or nothing', async () => {
    const half = robotMjcf
      .replace('<joint name="base_x" type="slide" axis="1 0 0" damping="5"/>', '')
      .replace('<velocity name="base_x" joint="base_x" kv="2000"/>', '')
    const { problem } = await checkRobot(await readRobot(save('half.xml', half)))
    expect(problem?.facts.missing).toEqual(['joint "base_x"', 'actuator "base_x"'])
  })
})

import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { readRobot, robotDigest } from '../../world/index.ts'
import { tellRobot } from './acting-world.ts'

const example = fileURLToPath(new URL('../../../examples/own-robot/robot.xml', import.meta.url))

test('the files of a robot of one’s own become part of the provenance; the usual robot is of the version', async () => {
  const uses = vi.fn()
  const robot = await tellRobot({ uses }, example)
  expect(uses.mock.calls).toEqual([[example, robotDigest(await readRobot(example))]])
  expect(robot?.mjcf).toContain('<mujoco')
  uses.mockClear()
  expect(await tellRobot({ uses }, undefined)).toBeUndefined()
  expect(uses).not.toHaveBeenCalled()
})

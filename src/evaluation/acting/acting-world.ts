import { type RobotDescription, readRobot, robotDigest, World } from '../../world/index.ts'
import type { Subject } from '../suite/subject.ts'

/** Read a robot of one's own, whose files become part of the provenance; undefined for the usual one. */
export async function tellRobot(
  subject: Pick<Subject, 'uses'>,
  path: string | undefined,
): Promise<RobotDescription | undefined> {
  if (path === undefined) return undefined
  const robot = await readRobot(path)
  subject.uses(path, robotDigest(robot))
  return robot
}

/** The world of a robot, as {@link tellRobot} reads it. @throws Errors of `readRobot`. */
export const actingWorld = async (subject: Pick<Subject, 'uses'>, path: string | undefined): Promise<World> =>
  World.open(await tellRobot(subject, path))

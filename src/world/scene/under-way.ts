import type { Random } from '../../core/index.ts'
import { navigationTarget } from '../expert/grasp.ts'
import { isNamed, type Scene, type SceneThing } from './scene.ts'

/** What the robot sees on its way. */
const way = {
  /** Largest part of the way to a thing that lies behind it. */
  longest: 0.85,
  /** Metres around its middle in which nothing can stand. */
  free: 0.3,
}

/**
 * A scene on the floor after the robot has driven a part of the way to one of its things, without turning: everything
 * has come nearer, and what it drove past lies behind it. A policy that looks again on its way meets such pictures.
 */
export function underWay(scene: Scene, random: Random): Scene {
  const goals = scene.things.filter(isNamed)
  if (goals.length === 0) return scene
  const [forward, left] = navigationTarget(random.pick(goals))
  const part = random.uniform(0, way.longest)
  const moved = scene.things.map((thing): SceneThing => {
    const [x, y, z] = thing.position
    return { ...thing, position: [x - part * forward, y - part * left, z] }
  })
  return {
    ...scene,
    things: moved.filter(({ position: [x, y] }) => Math.hypot(x, y) > way.free),
  }
}

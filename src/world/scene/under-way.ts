import type { Random } from '../../core/index.ts'
import { navigationTarget } from '../expert/grasp.ts'
import { isNamed, type Scene, type SceneThing } from './scene.ts'

/** Parameters of the robot's drive. */
const way = {
  /** Largest fraction of the way to an object. */
  longest: 0.85,
  /** Radius around the robot's middle without objects, metres. */
  free: 0.3,
}

/**
 * Move the robot of a scene on the floor a part of the way to one of its objects, without turning: all objects come
 * nearer, and passed ones lie behind it. A policy that looks again on its way meets such images.
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

import type { Simulation } from '../simulation/simulation.ts'

/** Contact of two bodies and its depth, metres. */
export interface Collision {
  readonly bodies: readonly [string, string]
  readonly depth: number
  /** True for a contact of the hand or a finger, which no other posture of the arm resolves. */
  readonly ofHand: boolean
}

/** Depth of a contact, in metres, up to which it is no collision. */
const allowance = 0.001

/**
 * Deepest collision of the arm, its hand or fingers in the present posture, with an object, the table or the robot's
 * own body; undefined for none. Only collisions that the MJCF enables count.
 */
export function armCollision(simulation: Simulation): Collision | undefined {
  const { mujoco, model, data } = simulation
  mujoco.mj_kinematics(model, data)
  mujoco.mj_comPos(model, data)
  mujoco.mj_collision(model, data)
  const arm = armBodies(simulation)
  const hand = bodiesFrom(simulation, model.site_bodyid[simulation.elements.hand]!)
  const contacts = data.contact
  let deepest: Collision | undefined
  try {
    for (let i = 0; i < data.ncon; i++) {
      const contact = contacts.get(i)
      if (contact === undefined) continue
      const bodies = [model.geom_bodyid[contact.geom1]!, model.geom_bodyid[contact.geom2]!] as const
      const depth = -contact.dist
      contact.delete()
      if (depth < Math.max(allowance, deepest?.depth ?? 0) || !bodies.some((body) => arm.has(body))) continue
      const nameOf = (body: number) => mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_BODY.value, body)
      deepest = {
        bodies: [nameOf(bodies[0]), nameOf(bodies[1])],
        depth,
        ofHand: bodies.some((body) => hand.has(body)),
      }
    }
  } finally {
    contacts.delete()
  }
  return deepest
}

/** Bodies that move with the arm's first joint. */
function armBodies(simulation: Simulation): Set<number> {
  const { model, mujoco } = simulation
  const first = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT.value, simulation.elements.arm[0]!)
  return bodiesFrom(simulation, model.jnt_bodyid[first]!)
}

/** Body and its descendants. */
function bodiesFrom({ model }: Simulation, first: number): Set<number> {
  const carried = new Set([first])
  for (let body = 0; body < model.nbody; body++) {
    if (carried.has(model.body_parentid[body]!)) carried.add(body) // parents come before their children
  }
  return carried
}

import type { Simulation } from '../simulation/simulation.ts'

/** Two bodies that touch, and how deep, metres. */
export interface Collision {
  readonly bodies: readonly [string, string]
  readonly depth: number
  /** Whether it is the hand or a finger that touches, so that no other posture of the arm would help. */
  readonly ofHand: boolean
}

/** Touching by less, metres, is no collision. */
const allowance = 0.001

/**
 * Whether the arm, its hand or fingers are in something as the simulation's joints stand: a thing, the table, the
 * robot's own body. Only what the MJCF lets collide counts. The deepest collision, or undefined for none.
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

/** The bodies that move with the arm's first joint. */
function armBodies(simulation: Simulation): Set<number> {
  const { model, mujoco } = simulation
  const first = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_JOINT.value, simulation.elements.arm[0]!)
  return bodiesFrom(simulation, model.jnt_bodyid[first]!)
}

/** A body and those that it carries. */
function bodiesFrom({ model }: Simulation, first: number): Set<number> {
  const carried = new Set([first])
  for (let body = 0; body < model.nbody; body++) {
    if (carried.has(model.body_parentid[body]!)) carried.add(body) // parents come before their children
  }
  return carried
}

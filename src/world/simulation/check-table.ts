import { WorldError } from '../../core/index.ts'
import { layouts } from '../scene/sample-scene.ts'
import { frameOf, pointInto, pointOutOf } from './frame.ts'
import type { Simulation } from './simulation.ts'

/** Geom type of a box, an mjtGeom. */
const box = 6

/**
 * Check that the table's top is a level box below all places of objects.
 * @throws WorldError `world/wrong-table` with the area that it must cover.
 */
export function checkTable(simulation: Simulation): void {
  const { model, data, robot, elements, tableHeight } = simulation
  const { tabletop } = elements
  const top = frameOf(data.geom_xpos, data.geom_xmat, tabletop)
  const [halfX, halfY] = model.geom_size.subarray(3 * tabletop, 3 * tabletop + 2)
  const { x: range, halfWidth } = layouts.table
  const corners = range.flatMap((x) => [-1, 1].map((side) => [x, side * halfWidth(x), tableHeight] as const))
  const covered = corners.every((corner) => {
    const [x, y] = pointInto(top, pointOutOf(simulation.robotFrame(), corner))
    return Math.abs(x) <= halfX! && Math.abs(y) <= halfY!
  })
  const level = top.rotation[8]! > 0.999
  if (model.geom_type[tabletop] === box && level && covered) return
  const area = `from ${range[0]} to ${range[1]} m before the robot and ${halfWidth(range[0])} m to either side`
  throw new WorldError(
    'world/wrong-table',
    `the geom "tabletop" of ${robot.name} must be a level box under all places of things: ${area}`,
    { robot: robot.name, range, halfWidth: halfWidth(range[0]) },
  )
}

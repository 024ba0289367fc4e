import type { RobotDescription } from '../robot/robot-description.ts'
import type { Part } from '../scene/kinds.ts'
import { kindOf, type Scene, type SceneThing } from '../scene/scene.ts'

/** Kilograms a cubic metre: a cup of 140 g. */
const density = 400

/** The name of a thing's body. */
export const thingName = (index: number): string => `thing${index}`

/**
 * The robot's MJCF with the things of a scene in it, each a free body that stands where it is put later: MuJoCo
 * merges sections that occur twice.
 */
export function sceneMjcf(robot: RobotDescription, scene: Scene): string {
  const bodies = scene.things.map(body).join('')
  const end = robot.mjcf.lastIndexOf('</mujoco>')
  return `${robot.mjcf.slice(0, end)}<worldbody>${bodies}</worldbody></mujoco>`
}

function body(thing: SceneThing, index: number): string {
  const { parts } = kindOf(thing)
  const geoms = parts.map((part: Part) => geom(part, thing)).join('')
  return `<body name="${thingName(index)}"><freejoint name="${thingName(index)}"/>${geoms}</body>`
}

function geom({ shape, position, rotation = [1, 0, 0, 0], color }: Part, thing: SceneThing): string {
  const attributes = {
    type: shape.kind,
    size: sizesOf(shape).map((size) => size * thing.scale),
    pos: position.map((coordinate) => coordinate * thing.scale),
    quat: rotation,
    rgba: [...(color ?? thing.shade), 1],
    density: [density],
    contype: [1],
    conaffinity: [3],
    condim: [4],
    friction: [1, 0.02, 0.001],
  }
  const text = Object.entries(attributes).map(([key, value]) => `${key}="${[value].flat().join(' ')}"`)
  return `<geom ${text.join(' ')}/>`
}

/** As MuJoCo wants them. */
function sizesOf(shape: Part['shape']): readonly number[] {
  switch (shape.kind) {
    case 'box':
      return shape.halfSizes
    case 'ellipsoid':
      return shape.radii
    case 'sphere':
      return [shape.radius]
    case 'capsule':
    case 'cylinder':
      return [shape.radius, shape.halfLength]
  }
}

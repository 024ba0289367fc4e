import type { Random } from '../../core/index.ts'
import type { Color } from '../../data/index.ts'
import type { Vector3 } from '../renderer/index.ts'
import { objectColors } from './colors.ts'
import { distractorNames, type KindName, kinds } from './kinds.ts'
import { heldOutPairs, isHeldOut, type Pair, trainedPairs } from './pairs.ts'
import { kindOf, type Scene, type SceneThing, type Setting } from './scene.ts'

/** Layout of objects in a setting. Metres and radians, in the robot's frame. */
export interface Layout {
  readonly kinds: readonly KindName[]
  /** Least and most nameable objects, and most of the others. */
  readonly named: readonly [least: number, most: number]
  readonly distractors: number
  readonly x: readonly [low: number, high: number]
  /** Half the width of the area at a distance x. */
  readonly halfWidth: (x: number) => number
  readonly yaw: readonly [low: number, high: number]
  readonly scale: readonly [low: number, high: number]
  /** Gap between the circles around objects. */
  readonly gap: number
}

/** Layouts: the table's area fills the camera's image and is in reach of the arm; the floor's is a few steps away. */
export const layouts: Readonly<Record<Setting, Layout>> = {
  table: {
    kinds: ['cup', 'ball', 'box', 'book', 'toy'],
    named: [3, 5],
    distractors: 2,
    x: [0.38, 0.63],
    halfWidth: () => 0.18,
    yaw: [-0.6, 0.9],
    scale: [0.92, 1.08],
    gap: 0.022,
  },
  floor: {
    kinds: ['ball', 'box', 'toy', 'mat'],
    named: [3, 5],
    distractors: 1,
    x: [1.1, 2.4],
    halfWidth: (x) => 0.2 + 0.3 * x,
    yaw: [-Math.PI, Math.PI],
    scale: [2.9, 3.4],
    gap: 0.12,
  },
}

/** Kinds of nameable objects that random scenes of a setting have. */
export const kindsOfSetting = (setting: Setting): readonly KindName[] => layouts[setting].kinds

/** Options of a random scene. */
export interface SceneOptions {
  readonly setting: Setting
  /**
   * Pairs of the scene. `heldOut`: the first object has a pair absent from training; all others have training pairs.
   */
  readonly pairs: 'trained' | 'heldOut'
  /** Height of the table's top above the floor, metres. */
  readonly tableHeight: number
}

/** Probability of two objects with the same colour and kind, so that commands need relations. */
const twinProbability = 0.2

/** Attempts to place an object before it is left out. */
const attempts = 60

/**
 * Sample a scene from a stream of random numbers: objects in places that do not overlap. The same stream gives the same
 * scene. An object without room is left out, so that sampling always ends.
 */
export function sampleScene(random: Random, options: SceneOptions): Scene {
  const layout = layouts[options.setting]
  const things: SceneThing[] = []
  for (const pair of drawPairs(random, layout, options)) {
    const shade = shadeOf(objectColors[pair.color], random)
    place(random, layout, options, things, { ...pair, shade })
  }
  const distractors = random.integer(layout.distractors + 1)
  for (let i = 0; i < distractors; i++) {
    place(random, layout, options, things, { kind: random.pick(distractorNames), shade: [0.5, 0.5, 0.5] })
  }
  return { setting: options.setting, things }
}

function drawPairs(random: Random, { kinds: allowed, named }: Layout, { pairs }: SceneOptions): Pair[] {
  const fitting = ({ kind }: Pair) => allowed.includes(kind)
  const trained = random.shuffle(trainedPairs.filter(fitting))
  const count = named[0] + random.integer(named[1] - named[0] + 1)
  const drawn = trained.slice(0, count)
  if (pairs === 'heldOut') drawn[0] = random.pick(heldOutPairs.filter(fitting))
  const before = drawn[drawn.length - 2]!
  if (random.chance(twinProbability) && !isHeldOut(before)) drawn[drawn.length - 1] = before
  return drawn
}

/** Place an object where there is room, or nowhere. */
export function place(
  random: Random,
  { x: [near, far], halfWidth, yaw, scale, gap }: Layout,
  { setting, tableHeight }: Pick<SceneOptions, 'setting' | 'tableHeight'>,
  things: SceneThing[],
  thing: Pick<SceneThing, 'kind' | 'shade'>,
): void {
  const sized = { ...thing, yaw: random.uniform(...yaw), scale: random.uniform(...scale) } as SceneThing
  for (let attempt = 0; attempt < attempts; attempt++) {
    const x = random.uniform(near, far)
    const y = halfWidth(x) * random.uniform(-1, 1)
    const position: Vector3 = [x, y, setting === 'table' ? tableHeight : 0]
    const placed = { ...sized, position }
    if (things.every((other) => separation(placed, other) > gap)) {
      things.push(placed)
      return
    }
  }
}

/** Metres between the circles around two objects. */
export const separation = (a: SceneThing, b: SceneThing): number =>
  Math.hypot(a.position[0] - b.position[0], a.position[1] - b.position[1]) -
  a.scale * kindOf(a).radius -
  b.scale * kindOf(b).radius

/** Vary a colour, so that no two objects of it look quite the same. */
function shadeOf([red, green, blue]: Color, random: Random): Color {
  const brightness = random.uniform(0.88, 1.08)
  return [Math.min(1, red * brightness), Math.min(1, green * brightness), Math.min(1, blue * brightness)]
}

/** Metres between the robot's goal and an object on the floor; 0 for a mat. */
export const standOff = (kind: KindName, scale: number): number =>
  kind === 'mat' ? 0 : kinds[kind].radius * scale + 0.35

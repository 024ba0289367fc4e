import { ConfigError } from '../../core/index.ts'
import type { Pixels, Rectangle } from '../images/index.ts'
import type { LabelKinds, Labels } from '../label-rows.ts'
import type { LabelKind } from '../sample.ts'
import { inverse, mapped, type Point } from './affine.ts'
import type { Picture, Stage } from './picture.ts'
import { areaOf, boundsOf, clip, contains, cornersOf, type Polygon, without } from './polygon.ts'

/** Least fraction of a box that must be in the image and not painted over; otherwise the box is absent. */
export const leastVisiblePart = 0.25

/**
 * Labels of an image after its transforms, from the labels of the original image.
 *
 * - `box`: the box around the visible remains of the old one. Turned or slanted, a box is a parallelogram, and the new
 *   box is the upright one around it: tight for a rectangular object, wide for a round one. Absent when less than a
 *   quarter (`leastVisiblePart`) is left in the image and not painted over; a box partly painted over keeps its size.
 * - `point`: absent when it has left the image or was painted over.
 * - `position`, `pose`: mirrored where the image is: y and the turns about x and z change their sign.
 * - `class`, `number`, `joints`: unchanged.
 */
export function moveLabels(labels: Labels, kinds: LabelKinds, decoded: Pixels, picture: Picture): Labels {
  const stages = [...picture.past, picture]
  const moved = Object.entries(labels).flatMap(([name, numbers]) => {
    const result = moveLabel(numbers, kinds[name]!, decoded, stages)
    return result === undefined ? [] : [[name, result] as const]
  })
  return Object.fromEntries(moved)
}

function moveLabel(
  numbers: readonly number[],
  { kind }: LabelKind,
  decoded: Pixels,
  stages: readonly Stage[],
): readonly number[] | undefined {
  if (kind === 'box') return moveBox(numbers, decoded, stages)
  if (kind === 'point') return movePoint(numbers, decoded, stages)
  if (kind === 'position' || kind === 'pose') return isMirrored(stages) ? mirrored(numbers) : numbers
  return numbers
}

function moveBox(
  [left = 0, top = 0, right = 0, bottom = 0]: readonly number[],
  decoded: Pixels,
  stages: readonly Stage[],
): readonly number[] | undefined {
  const { frame = whole(decoded) } = decoded
  const box = cornersOf({
    left: frame.left + left * frame.width,
    top: frame.top + top * frame.height,
    width: (right - left) * frame.width,
    height: (bottom - top) * frame.height,
  })
  const inside = clip(box, whole(decoded))
  const { part, seen, scale } = stages.reduce(onStage, { part: inside, seen: [inside], scale: 1 })
  const visible = seen.reduce((sum, piece) => sum + areaOf(piece), 0)
  if (part.length === 0 || visible < leastVisiblePart * areaOf(box) * scale) return undefined
  const bounds = boundsOf(part)
  const { width, height } = stages.at(-1)!
  return [
    bounds.left / width,
    bounds.top / height,
    (bounds.left + bounds.width) / width,
    (bounds.top + bounds.height) / height,
  ]
}

/** Remains of a box: the pieces of it that are not painted over, and the factor by which areas have grown. */
interface Remains {
  readonly part: Polygon
  readonly seen: readonly Polygon[]
  readonly scale: number
}

function onStage({ part, seen, scale }: Remains, stage: Stage): Remains {
  const onward = inverse(stage.map)
  if (onward === undefined) return { part: [], seen: [], scale: 0 }
  const move = (polygon: Polygon) =>
    clip(
      polygon.map((point) => mapped(onward, point)),
      whole(stage),
    )
  const beside = (pieces: Polygon[], rectangle: Rectangle) =>
    pieces.flatMap((piece) => without(piece, rectangle))
  return {
    part: move(part),
    seen: stage.hidden.reduce(beside, seen.map(move)),
    scale: scale * Math.abs(onward[0] * onward[4] - onward[1] * onward[3]),
  }
}

function movePoint(
  [x = 0, y = 0]: readonly number[],
  decoded: Pixels,
  stages: readonly Stage[],
): readonly number[] | undefined {
  const { frame = whole(decoded) } = decoded
  let point: Point = [frame.left + x * frame.width, frame.top + y * frame.height]
  if (!contains(whole(decoded), point)) return undefined
  for (const stage of stages) {
    const onward = inverse(stage.map)
    if (onward === undefined) return undefined
    point = mapped(onward, point)
    const covered = stage.hidden.some((rectangle) => contains(rectangle, point))
    if (covered || !contains(whole(stage), point)) return undefined
  }
  const { width, height } = stages.at(-1)!
  return [point[0] / width, point[1] / height]
}

const whole = ({ width, height }: { readonly width: number; readonly height: number }): Rectangle => ({
  left: 0,
  top: 0,
  width,
  height,
})

const isMirrored = (stages: readonly Stage[]): boolean =>
  stages.reduce((sign, { map: [a, b, , d, e] }) => sign * Math.sign(a * e - b * d), 1) < 0

/**
 * Mirror a position or pose in the plane y = 0 of the robot's frame. A rotation R becomes M R M with M = diag(1, −1,
 * 1). Its vector becomes (−rx, ry, −rz): a mirror keeps the part along its normal and turns round the part in its
 * plane.
 */
const mirrored = ([x = 0, y = 0, z = 0, ...rotation]: readonly number[]): number[] => {
  const [rx = 0, ry = 0, rz = 0] = rotation
  return rotation.length === 0 ? [x, 0 - y, z] : [x, 0 - y, z, 0 - rx, ry, 0 - rz]
}

/** Labels that a mirror or any other move makes untrue. */
const unmovable = {
  mirrored: ['joints'],
  freely: ['joints', 'position', 'pose'],
  'not at all': [],
} as const satisfies Record<string, readonly LabelKind['kind'][]>

/** A transform of a list with its effect on places in the image. */
export interface NamedMove {
  readonly transform: string
  readonly moves: keyof typeof unmovable
}

/**
 * Refuse transforms that labels cannot follow. Labels in three dimensions follow no turn or crop of the image; angles
 * of joints follow no mirror either.
 * @throws ConfigError `augment/label` naming transform and label.
 */
export function requireFollowing(transforms: readonly NamedMove[], kinds: LabelKinds): void {
  for (const { transform, moves } of transforms) {
    const refused: readonly string[] = unmovable[moves]
    const clash = Object.entries(kinds).find(([, { kind }]) => refused.includes(kind))
    if (clash === undefined) continue
    const [label, { kind }] = clash
    const message =
      `${transform} moves what the picture shows, and label "${label}" (${kind}) cannot follow it; leave ` +
      `${transform} out, or the label`
    throw new ConfigError('augment/label', message, { transform, label, kind })
  }
}

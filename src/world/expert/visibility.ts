import { type Rendering, type RenderScene, renderLabels } from '../renderer/index.ts'

/** Visible part of an object in an image. */
export interface Seen {
  /** Count of its pixels. */
  readonly pixels: number
  /** [left, top, right, bottom] of the visible part, as fractions of width and height, y down. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number]
}

/** Visible parts of the objects with ids from 1 to `count`; undefined for one without pixels. */
export function seenObjects(
  { width, height, segmentation }: Omit<Rendering, 'color'>,
  count: number,
): (Seen | undefined)[] {
  const bounds = Array.from({ length: count + 1 }, () => ({
    pixels: 0,
    left: width,
    top: height,
    right: 0,
    bottom: 0,
  }))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bound = bounds[segmentation[y * width + x]!]
      if (bound === undefined) continue
      bound.pixels += 1
      bound.left = Math.min(bound.left, x)
      bound.right = Math.max(bound.right, x + 1)
      bound.top = Math.min(bound.top, y)
      bound.bottom = Math.max(bound.bottom, y + 1)
    }
  }
  return bounds
    .slice(1)
    .map(({ pixels, left, top, right, bottom }) =>
      pixels === 0
        ? undefined
        : { pixels, box: [left / width, top / height, right / width, bottom / height] },
    )
}

/** Factor by which the image is widened, to count pixels outside of it. */
const widening = 1.5

/** Count of the pixels of one id's objects without occlusion and beyond the image's edges. */
export function unobstructedPixels(scene: RenderScene, id: number): number {
  const { camera } = scene
  const tangent = widening * Math.tan((camera.verticalFov * Math.PI) / 360)
  const wide = {
    position: camera.position,
    rotation: camera.rotation,
    near: camera.near,
    far: camera.far,
    verticalFov: (Math.atan(tangent) * 360) / Math.PI,
    width: Math.round(widening * camera.width),
    height: Math.round(widening * camera.height),
  }
  const alone = {
    ...scene,
    objects: scene.objects.filter((object) => object.id === id),
    lights: [],
    camera: wide,
  }
  return renderLabels(alone).segmentation.reduce((sum, seen) => sum + (seen === id ? 1 : 0), 0)
}

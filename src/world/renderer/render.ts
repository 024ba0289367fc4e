import { raiseBumps } from './bumps.ts'
import { checkScene } from './check-scene.ts'
import { develop } from './develop.ts'
import { type Frame, frame, shadowRaster } from './frame.ts'
import { illuminate } from './illuminate.ts'
import { paintSurfaces } from './paint.ts'
import { project } from './project.ts'
import { clearRaster, rasterize } from './raster.ts'
import { recent } from './recent.ts'
import { noObject, type Rendering, type RenderOptions, type RenderScene } from './render-scene.ts'
import { castShadows } from './shadow-map.ts'
import { meshOf, type Solid, solidOf } from './solid.ts'
import { findSurfaces } from './surfaces.ts'
import { illuminateBySurroundings } from './surrounding-light.ts'
import { dot, subtract } from './vector.ts'
import { cameraView, seesBall, type View } from './view.ts'

/**
 * Draw a scene: a z-buffer finds the visible surface of each pixel, then each pixel is shaded once. The same scene and
 * options give the same bytes. Depth and segmentation are sampled at the pixels' centres, for any `supersample`.
 * @throws ConfigError `world/scene` for a number of the scene that is not finite or out of its range.
 */
export function render(scene: RenderScene, options: RenderOptions = {}): Rendering {
  checkScene(scene)
  const { camera } = scene
  const solids = scene.objects.map(solidOf)
  const view = cameraView(camera, 1)
  const plain = keptFrame(view.width, view.height)
  const labels = seeLabels(scene, view, solids, plain)
  const { supersample: factor = 1, seed = 0 } = options
  if (factor === 1) {
    shade(scene, view, solids, plain)
  } else {
    const fineView = cameraView(camera, factor)
    const fine = keptFrame(fineView.width, fineView.height)
    see(fineView, solids, fine)
    shade(scene, fineView, solids, fine)
    average(fine, plain, factor)
  }
  return { ...labels, color: develop(camera, plain.radiance, labels.depth, seed) }
}

/**
 * Depth and segmentation of a scene without its colours, several times as fast.
 * @throws ConfigError as `render` does.
 */
export function renderLabels(scene: RenderScene): Omit<Rendering, 'color'> {
  checkScene(scene)
  const view = cameraView(scene.camera, 1)
  return seeLabels(scene, view, scene.objects.map(solidOf), keptFrame(view.width, view.height))
}

function seeLabels(scene: RenderScene, view: View, solids: readonly Solid[], plain: Frame) {
  const { width, height } = scene.camera
  see(view, solids, plain)
  return { width, height, depth: readDepth(plain), segmentation: readSegmentation(scene, plain) }
}

const keptFrame = recent(4, (width, height) => frame(width!, height!))
const keptShadowRasters = recent(2, (size) => shadowRaster(size!))
const keptLitParts = recent(4, (pixels) => new Float32Array(pixels!))

/** Find the nearest surface at each pixel. */
function see(view: View, solids: readonly Solid[], { triangles, raster }: Frame): void {
  clearRaster(raster, 1 / view.far)
  triangles.clear()
  for (const [index, solid] of solids.entries()) {
    const { position } = solid.object
    if (!seesBall(view, position, solid.boundingRadius)) continue
    const distance = Math.max(view.near, dot(view.forward, subtract(position, view.position)))
    const first = triangles.count
    project(view, solid, index, meshOf(solid, view.focalX / distance), triangles)
    rasterize(triangles, first, raster)
  }
}

/** Shade the visible surfaces. Shadows come before bumps, which are too low to cast any. */
function shade(
  scene: RenderScene,
  view: View,
  solids: readonly Solid[],
  { triangles, raster, surfaces, radiance }: Frame,
): void {
  const { lights, camera } = scene
  findSurfaces(view, raster, triangles, surfaces)
  paintSurfaces(view.focalX, solids, surfaces)
  const map = keptShadowRasters(shadowSize(camera.width, camera.height))
  const lit = lights.map((light, number) => {
    const part = keptLitParts(raster.width * raster.height, number)
    part.fill(1)
    if (light.castsShadow) castShadows(light, solids, surfaces, raster.width, map, part)
    return part
  })
  raiseBumps(view.focalX, solids, surfaces)
  illuminateBySurroundings(scene, solids, surfaces, radiance)
  for (const [number, light] of lights.entries()) {
    illuminate(light, lit[number]!, solids, surfaces, radiance)
  }
}

/** Rows of the shadow map: three for each of the image's, as only some of them fall on visible surfaces. */
const shadowSize = (width: number, height: number): number =>
  Math.min(1024, Math.max(128, 3 * Math.max(width, height)))

function readDepth({ raster: { nearness } }: Frame): Float32Array {
  const depth = new Float32Array(nearness.length)
  for (let pixel = 0; pixel < depth.length; pixel++) depth[pixel] = 1 / nearness[pixel]!
  return depth
}

function readSegmentation({ objects }: RenderScene, { raster, triangles }: Frame): Int32Array {
  const ids = Int32Array.from(objects, (object) => object.id)
  const numbers = raster.triangle!
  const segmentation = new Int32Array(numbers.length)
  for (let pixel = 0; pixel < segmentation.length; pixel++) {
    const triangle = numbers[pixel]!
    segmentation[pixel] = triangle < 0 ? noObject : ids[triangles.solids[triangle]!]!
  }
  return segmentation
}

/** Average `factor` × `factor` pixels. */
function average(fine: Frame, plain: Frame, factor: number): void {
  const { width, height } = plain.raster
  const stride = 3 * width * factor
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to += 3) {
      const from = factor * (row * stride + 3 * column)
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0
        for (let j = 0; j < factor; j++) {
          for (let i = 0; i < factor; i++) sum += fine.radiance[from + j * stride + 3 * i + channel]!
        }
        plain.radiance[to + channel] = sum / (factor * factor)
      }
    }
  }
}

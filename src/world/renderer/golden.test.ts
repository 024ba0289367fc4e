import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { pictures } from '../../../test/golden/renderer/pictures.ts'
import type { Camera, Light, RenderObject, RenderScene } from './render-scene.ts'

const stored = async (name: string): Promise<Uint8Array> =>
  sharp(join(import.meta.dirname, '../../../test/golden/renderer', `${name}.png`))
    .raw()
    .toBuffer()

/** How far two pictures are apart. */
function differences(one: Uint8Array, other: Uint8Array) {
  const away = one.map((value, i) => Math.abs(value - other[i]!))
  return {
    /** Mean over all bytes. */
    mean: away.reduce((sum, value) => sum + value, 0) / away.length,
    /** Share of bytes that differ by more than anyone's rounding. */
    wrong: away.filter((value) => value > 8).length / away.length,
  }
}

/** Another machine's sines and powers may move an edge by a 256th of a pixel: a few pixels, no more. */
const tolerance = { mean: 0.1, wrong: 0.002 }

const isLike = (one: Uint8Array, other: Uint8Array): boolean => {
  const { mean, wrong } = differences(one, other)
  return mean <= tolerance.mean && wrong <= tolerance.wrong
}

const ofCamera = (change: (camera: Camera) => Partial<Camera>) => (scene: RenderScene) => ({
  ...scene,
  camera: { ...scene.camera, ...change(scene.camera) },
})
const ofLights = (change: (light: Light) => Light) => (scene: RenderScene) => ({
  ...scene,
  lights: scene.lights.map(change),
})
const ofObjects = (change: (object: RenderObject) => RenderObject) => (scene: RenderScene) => ({
  ...scene,
  objects: scene.objects.map(change),
})
const ofMaterials = (change: Partial<RenderObject['material']>) =>
  ofObjects((object) => ({ ...object, material: { ...object.material, ...change } }))
const lift = ofObjects((object) => {
  const [x, y, z] = object.position
  return object.id === 0 ? object : { ...object, position: [x, y, z + 0.01] }
})

describe('pictures are as stored', () => {
  it.each(Object.keys(pictures))('%s', async (name) => {
    const { mean, wrong } = differences(pictures[name]!(), await stored(name))
    expect(mean).toBeLessThanOrEqual(tolerance.mean)
    expect(wrong).toBeLessThanOrEqual(tolerance.wrong)
  })
})

describe('pictures are not as stored', () => {
  it.each<[what: string, name: string, change: (scene: RenderScene) => RenderScene]>([
    ['things are a centimetre higher', 'shapes', lift],
    ['and so is their depth', 'shapes-depth', lift],
    ['and what is seen of them', 'shapes-segmentation', lift],
    ['nothing casts shadows', 'shapes', ofLights((light) => ({ ...light, castsShadow: false }))],
    ['the lamp is 2 % brighter', 'shapes-smooth', ofLights((light) => ({ ...light, intensity: 0.918 }))],
    ['the field of view is 0.5° wider', 'shapes', ofCamera(() => ({ verticalFov: 50.5 }))],
    ['all is a tenth rougher', 'materials', ofMaterials({ roughness: 0.5 })],
    ['nothing is metal', 'materials', ofMaterials({ metalness: 0 })],
    ['all is as bumpy', 'bumps', ofMaterials({ bumpStrength: 0.5 })],
    ['the second lamp is like the first', 'bumps', ofLights((light) => ({ ...light, color: [1, 0.7, 0.4] }))],
    ['the lens is focused 5 cm farther away', 'lens', ofCamera(() => ({ focusDistance: 0.55 }))],
    ['the sensor is noisier', 'lens', ofCamera(() => ({ noise: 0.025 }))],
  ])('when %s', async (_, name, change) => {
    expect(isLike(pictures[name]!(change), await stored(name))).toBe(false)
  })
})

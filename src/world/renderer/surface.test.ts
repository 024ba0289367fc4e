import { describe, expect, it } from 'vitest'
import { block, camera, lamp, matt, scene, solid } from '../../../test/support/scenes.ts'
import { noiseAt, noiseSlope } from './lattice-noise.ts'
import { render } from './render.ts'
import type { Camera, Material, Rendering, RenderObject, Texture } from './render-scene.ts'

/** Light from everywhere only: colours are those of the materials. */
const even = { ambient: [1, 1, 1], lights: [] } as const

const wallOf = (kind: Texture['kind'], scale: number, change: Partial<Material> = {}): RenderObject =>
  block([4, 4, 0.5], [0, 0, -2.5], {
    material: { ...matt, color: [0, 0, 0], texture: { kind, color: [1, 1, 1], scale }, ...change },
  })

const draw = (object: RenderObject, change: Partial<Camera> = {}) =>
  render(scene([object], { ...even, camera: camera({ width: 128, height: 128, ...change }) }))

/** Red of the middle row. */
const middleRow = ({ color, width, height }: Rendering) =>
  Array.from({ length: width }, (_, column) => color[3 * (Math.floor(height / 2) * width + column)]!)

describe('checks', () => {
  it.each([0.05, 0.1, 0.2])('of %f m have that edge on the wall', (scale) => {
    const row = middleRow(draw(wallOf('checks', scale)))
    const focal = 64 / Math.tan((25 * Math.PI) / 180)
    for (const [column, value] of row.entries()) {
      const x = ((column + 0.5 - 64) * 2) / focal / scale
      // In the middle of a check, away from the pixels that see two of them.
      const fromBorder = Math.abs(x - Math.round(x)) * scale
      if (fromBorder < 2 / focal) continue
      const bright = Math.floor(x) % 2 !== 0
      expect(value > 110, `${column}`).toBe(row[64]! > 110 ? !bright : bright)
    }
    expect(row.filter((value) => value > 110).length).toBeGreaterThan(40)
    expect(row.filter((value) => value < 110).length).toBeGreaterThan(40)
  })

  it('move and turn with their object', () => {
    const wall = wallOf('checks', 0.2)
    const still = middleRow(draw(wall))
    const moved = middleRow(draw({ ...wall, position: [0.2, 0, -2.5] }))
    const inverted = still.filter((value, i) => Math.abs(value - moved[i]!) > 100).length
    expect(inverted).toBeGreaterThan(100)
  })

  it('that are finer than a pixel are drawn as their mean, without patterns of their own', () => {
    const { color } = draw(wallOf('checks', 0.002))
    expect(Math.max(...color) - Math.min(...color)).toBeLessThan(8)
    const floor = solid({ kind: 'plane', halfSizes: [0, 0] }, [0, -1, 0], {
      rotation: [1, 0, 0, 0, 0, 1, 0, -1, 0],
      material: { ...matt, color: [0, 0, 0], texture: { kind: 'checks', color: [1, 1, 1], scale: 0.1 } },
    })
    const picture = draw(floor)
    const rowOf = (row: number) =>
      Array.from({ length: 128 }, (_, column) => picture.color[3 * (128 * row + column)]!)
    const contrast = (row: number) => Math.max(...rowOf(row)) - Math.min(...rowOf(row))
    expect(contrast(127)).toBeGreaterThan(150)
    // 14 m away a pixel is as wide as a check and as long as fifteen of them.
    expect(contrast(73)).toBeLessThan(30)
  })
})

describe('every pattern', () => {
  it.each(['checks', 'wood', 'noise'] as const)('%s: mixes its two colours and no others', (kind) => {
    const { color } = draw(wallOf(kind, 0.1, { color: [0.2, 0.4, 0.6] }))
    const red = color.filter((_, i) => i % 3 === 0)
    expect(Math.min(...red)).toBeGreaterThan(40)
    expect(Math.max(...red) - Math.min(...red)).toBeGreaterThan(60)
    // Linear light is 0.03 + s·0.97 in red and 0.32 + s·0.68 in blue, with one share s.
    const [darkest, brightest] = [Math.min(...red), Math.max(...red)]
    const blue = (value: number) => color[3 * red.indexOf(value) + 2]!
    expect(blue(darkest)).toBeGreaterThan(140)
    expect(blue(brightest)).toBeGreaterThan(blue(darkest))
  })

  it.each(['checks', 'wood', 'noise'] as const)('%s: is twice as large at twice its scale', (kind) => {
    // Twice the scale at twice the distance is the same picture, as the wall begins at its middle.
    const material = (scale: number): Material => ({ ...matt, texture: { kind, color: [0, 0, 0], scale } })
    const near = draw(block([4, 4, 0.25], [0, 0, -1.25], { material: { ...material(0.1) } }))
    const far = draw(block([8, 8, 0.5], [0, 0, -2.5], { material: { ...material(0.2) } }))
    const different = near.color.filter((value, i) => Math.abs(value - far.color[i]!) > 12).length
    expect(different / near.color.length).toBeLessThan(0.01)
    const other = draw(block([8, 8, 0.5], [0, 0, -2.5], { material: { ...material(0.1) } }))
    const unlike = near.color.filter((value, i) => Math.abs(value - other.color[i]!) > 12).length
    expect(unlike / near.color.length).toBeGreaterThan(0.2)
  })
})

describe('bumps', () => {
  const ball = (bumpStrength: number) => {
    const object = solid({ kind: 'sphere', radius: 0.1 }, [0, 0, -0.4], {
      material: { ...matt, bumpStrength },
    })
    return render(scene([object], { lights: [{ ...lamp, castsShadow: false }] }))
  }
  const roughly = (strength: number) => {
    const [smooth, bumpy] = [ball(0), ball(strength)]
    return Math.sqrt(bumpy.color.reduce((sum, value, i) => sum + (value - smooth.color[i]!) ** 2, 0) / 4096)
  }

  it('shade a surface the more the stronger they are, and not at all at 0', () => {
    expect(roughly(0)).toBe(0)
    expect(roughly(0.3)).toBeGreaterThan(2)
    expect(roughly(1)).toBeGreaterThan(2 * roughly(0.3))
  })

  it('change neither depth nor segmentation', () => {
    expect(ball(1).depth).toEqual(ball(0).depth)
    expect(ball(1).segmentation).toEqual(ball(0).segmentation)
  })

  it('fade out where they are finer than a pixel', () => {
    const far = (bumpStrength: number) => {
      const object = solid({ kind: 'sphere', radius: 2 }, [0, 0, -15], {
        material: { ...matt, bumpStrength },
      })
      return render(scene([object], { lights: [{ ...lamp, castsShadow: false }] })).color
    }
    const [smooth, bumpy] = [far(0), far(1)]
    expect(Math.max(...bumpy.map((value, i) => Math.abs(value - smooth[i]!)))).toBeLessThan(25)
  })
})

describe('lattice noise', () => {
  it('has the slope that differences say', () => {
    const slope = new Float64Array(3)
    for (let i = 0; i < 50; i++) {
      const at = [0.37 * i, 7.1 - 0.53 * i, 0.71 * i]
      noiseSlope(Float64Array.from(at), slope)
      for (let axis = 0; axis < 3; axis++) {
        const beside = (offset: number) =>
          noiseAt(Float64Array.from(at, (value, j) => (j === axis ? value + offset : value)))
        expect(slope[axis]).toBeCloseTo((beside(1e-4) - beside(-1e-4)) / 2e-4, 3)
      }
    }
  })
})

import { describe, expect, it } from 'vitest'
import { block, camera, scene, solid } from '../../../test/support/scenes.ts'
import { render } from './render.ts'
import { noObject, type Rendering } from './render-scene.ts'

/** The ray through the centre of a pixel of the standard camera, which looks along −z from the origin. */
function rayOf({ width, height }: Rendering, pixel: number, verticalFov: number): [number, number, number] {
  const focal = height / 2 / Math.tan((verticalFov * Math.PI) / 360)
  const x = (pixel % width) + 0.5 - width / 2
  const y = height / 2 - Math.floor(pixel / width) - 0.5
  return [x / focal, y / focal, -1]
}

describe('depth', () => {
  it('of a tilted plane is where its equation says', () => {
    const slope = Math.tan(0.5)
    const rotation = [Math.cos(0.5), 0, Math.sin(0.5), 0, 1, 0, -Math.sin(0.5), 0, Math.cos(0.5)]
    const plane = solid({ kind: 'plane', halfSizes: [3, 3] }, [0, 0, -2], { rotation })
    const picture = render(scene([plane], { camera: camera({ width: 64, height: 48, verticalFov: 50 }) }))
    for (const [pixel, depth] of picture.depth.entries()) {
      const [x] = rayOf(picture, pixel, 50)
      // The plane is z = −2 − slope·x; a ray is at (x, y, −1)·t.
      expect(depth).toBeCloseTo(2 / (1 - slope * x), 3)
    }
  })

  it('of a ball is where its equation says, within the error of its mesh', () => {
    const ball = solid({ kind: 'sphere', radius: 0.5 }, [0.1, -0.1, -2])
    const picture = render(scene([ball], { camera: camera({ width: 96, height: 96, verticalFov: 40 }) }))
    let seen = 0
    for (const [pixel, id] of picture.segmentation.entries()) {
      const [x, y] = rayOf(picture, pixel, 40)
      const a = x * x + y * y + 1
      const b = 0.1 * x - 0.1 * y + 2
      const root = b * b - a * (0.02 + 4 - 0.25)
      if (root > 0.1) {
        expect(id).toBe(1)
        const depth = picture.depth[pixel]!
        // Chords are inside of the ball; 32 sides stay within 0.5·(1 − cos(π/32)) in each of two directions.
        const radius = Math.hypot(x * depth - 0.1, y * depth + 0.1, 2 - depth)
        expect(radius).toBeGreaterThan(0.495)
        expect(radius).toBeLessThan(0.5002)
        seen++
      } else if (root < 0) {
        expect(id).toBe(noObject)
        expect(picture.depth[pixel]).toBeCloseTo(20, 4)
      }
    }
    expect(seen).toBeGreaterThan(1000)
  })
})

describe('segmentation', () => {
  it('of a box fills the rectangle between its projected corners', () => {
    const picture = render(scene([block([0.3, 0.2, 0.1], [0.2, 0.1, -2.1])], { camera: camera() }))
    const focal = 32 / Math.tan((25 * Math.PI) / 180)
    // The front face, at a distance of 2 m, hides the others but for the left and the lower side.
    const right = 32 + (focal * 0.5) / 2
    const top = 32 - (focal * 0.3) / 2
    const left = 32 + (focal * -0.1) / 2
    const bottom = 32 - (focal * -0.1) / 2
    for (let row = 0; row < 64; row++) {
      for (let column = 0; column < 64; column++) {
        const inside = column + 0.5 > left && column + 0.5 < right && row + 0.5 > top && row + 0.5 < bottom
        expect(picture.segmentation[row * 64 + column] === 1, `${column}, ${row}`).toBe(inside)
      }
    }
  })

  it('has no holes and no overlaps where triangles meet', () => {
    const fan = (turn: number) => [
      Math.cos(turn),
      -Math.sin(turn),
      0,
      Math.sin(turn),
      Math.cos(turn),
      0,
      0,
      0,
      1,
    ]
    for (let turn = 0; turn < 3; turn += 0.37) {
      const plane = solid({ kind: 'plane', halfSizes: [9, 9] }, [0.013, -0.02, -1.7], { rotation: fan(turn) })
      const picture = render(scene([plane]))
      expect(picture.segmentation.every((id) => id === 1)).toBe(true)
    }
  })

  it('shows the nearest of several objects, in whichever order they come', () => {
    const near = block([0.1, 0.1, 0.1], [0, 0, -1], { id: 3 })
    const far = block([0.5, 0.5, 0.1], [0, 0, -2], { id: 8 })
    const [one, other] = [render(scene([near, far])), render(scene([far, near]))]
    expect(one.segmentation).toEqual(other.segmentation)
    expect(one.color).toEqual(other.color)
    expect(one.segmentation[32 * 64 + 32]).toBe(3)
    expect(new Set(one.segmentation)).toEqual(new Set([3, 8, noObject]))
  })

  it('and depth do not depend on supersampling', () => {
    const objects = [
      solid({ kind: 'sphere', radius: 0.3 }, [0, 0, -1]),
      block([0.2, 0.1, 0.1], [0.3, 0, -0.8], { id: 2 }),
    ]
    const plain = render(scene(objects))
    const smooth = render(scene(objects), { supersample: 2 })
    expect(smooth.segmentation).toEqual(plain.segmentation)
    expect(smooth.depth).toEqual(plain.depth)
    expect(smooth.color).not.toEqual(plain.color)
  })
})

describe('the near plane', () => {
  it('cuts a box that the camera stands in the middle of its wall', () => {
    // A corridor's wall from 1 m behind the camera to 3 m before it, 0.2 m to the right: its face is at x = 0.2.
    const wall = block([0.1, 0.4, 2], [0.3, 0, -1])
    const picture = render(scene([wall], { camera: camera({ near: 0.05 }) }))
    for (const [pixel, id] of picture.segmentation.entries()) {
      const [x, y] = rayOf(picture, pixel, 50)
      const distance = 0.2 / x
      const onFace = x > 0 && distance > 0.051 && distance < 2.95 && Math.abs(y * distance) < 0.395
      if (onFace) {
        expect(id).toBe(1)
        expect(picture.depth[pixel]! / distance).toBeCloseTo(1, 2)
      }
      if (x < 0) expect(id).toBe(noObject)
    }
  })

  it('opens what is nearer: from inside a box nothing of it is seen', () => {
    const picture = render(scene([block([0.5, 0.5, 0.5], [0, 0, 0])]))
    expect(new Set(picture.segmentation)).toEqual(new Set([noObject]))
  })

  it('leaves what is behind the camera and beyond its far plane out', () => {
    const behind = solid({ kind: 'sphere', radius: 0.5 }, [0, 0, 2])
    const beyond = block([9, 9, 0.1], [0, 0, -25], { id: 2 })
    const picture = render(scene([behind, beyond], { camera: camera({ far: 20 }) }))
    expect(new Set(picture.segmentation)).toEqual(new Set([noObject]))
  })
})

describe('render', () => {
  it('gives the same bytes for the same scene, whatever was drawn before', () => {
    const objects = [solid({ kind: 'capsule', radius: 0.1, halfLength: 0.2 }, [0, 0, -1])]
    const noisy = scene(objects, { camera: camera({ noise: 0.05 }) })
    const first = render(noisy, { seed: 4 })
    render(scene([block([0.2, 0.2, 0.2], [0, 0, -1])], { camera: camera({ width: 17, height: 90 }) }))
    expect(render(noisy, { seed: 4 })).toEqual(first)
    expect(render(noisy, { seed: 5 }).color).not.toEqual(first.color)
  })

  it('draws a mesh as it draws the shape that it describes', () => {
    const [a, b, c] = [0.3, 0.2, 0.25]
    const positions = Float32Array.from(
      [0, 1, 2, 3, 4, 5, 6, 7].flatMap((i) => [i & 1 ? a : -a, i & 2 ? b : -b, i & 4 ? c : -c]),
    )
    const faces = [
      0, 2, 3, 0, 3, 1, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4, 2, 6, 7, 2, 7, 3, 0, 4, 6, 0, 6, 2, 1, 3, 7, 1, 7,
      5,
    ]
    const own = solid({ kind: 'mesh', positions, indices: Uint32Array.from(faces) }, [0.1, 0.4, -1.5])
    const pictures = [own, block([a, b, c], [0.1, 0.4, -1.5])].map((object) => render(scene([object])))
    expect(pictures[0]!.segmentation).toEqual(pictures[1]!.segmentation)
    expect(pictures[0]!.color).toEqual(pictures[1]!.color)
  })

  it('draws nothing at all as background', () => {
    const picture = render({ ...scene([]), background: [1, 0.6, 0] })
    expect([...picture.color.slice(0, 3)]).toEqual([255, 153, 0])
  })
  it.each([
    [96, 32],
    [32, 96],
  ])('keeps pixels square in pictures of %i × %i', (width, height) => {
    const focal = height / 2 / Math.tan((25 * Math.PI) / 180)
    // 20 pixels from side to side, wherever the picture ends.
    const square = block([10 / focal, 10 / focal, 0.1], [0, 0, -1.1])
    const { segmentation } = render(scene([square], { camera: camera({ width, height }) }))
    const seen = (rows: boolean) =>
      new Set(
        [...segmentation.keys()].flatMap((pixel) =>
          segmentation[pixel] === 1 ? [rows ? Math.floor(pixel / width) : pixel % width] : [],
        ),
      ).size
    expect([seen(true), seen(false)]).toEqual([20, 20])
  })

  it('without lamps shows what comes from everywhere, and without that nothing', () => {
    const objects = [block([9, 9, 0.1], [0, 0, -2])]
    const lit = render(scene(objects, { lights: [] }))
    expect(new Set(lit.color).size).toBe(1)
    expect(lit.color[0]).toBeGreaterThan(40)
    const dark = render(scene(objects, { lights: [], ambient: [0, 0, 0] }))
    expect(new Set(dark.color)).toEqual(new Set([0]))
    expect(dark.segmentation).toEqual(lit.segmentation)
  })
})

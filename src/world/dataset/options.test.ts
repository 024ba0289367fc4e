import { describe, expect, it } from 'vitest'
import { block, camera, lamp, solid } from '../../../test/support/scenes.ts'
import { random } from '../../core/index.ts'
import { parseRandomization, type Randomization, randomizeScene } from '../randomization/index.ts'
import { type Rendering, type RenderScene, render } from '../renderer/index.ts'
import { colorNames, objectColors } from '../scene/colors.ts'
import { tabletopRandomization } from './options.ts'

/** A ball of each colour on a grey floor, two rows of four; the camera looks down at them. */
const balls: RenderScene = {
  objects: [
    block([2, 2, 0.5], [0, 0, -1.55], { id: 99 }),
    ...colorNames.map((name, i) =>
      solid({ kind: 'sphere', radius: 0.05 }, [0.15 * ((i % 4) - 1.5), i < 4 ? 0.1 : -0.1, -1], {
        id: i,
        material: { color: objectColors[name], roughness: 0.6, metalness: 0 },
      }),
    ),
  ],
  lights: [{ ...lamp, direction: [0.35, 0.45, -1], color: [1, 0.97, 0.92], intensity: 0.9 }],
  ambient: [0.5, 0.51, 0.54],
  background: [0.7, 0.75, 0.8],
  camera: camera(),
}

/** Of the pixels of an object, the median of each channel, sRGB. */
function colorOf({ color, segmentation }: Rendering, id: number): number[] {
  const pixels = [...segmentation.keys()].filter((pixel) => segmentation[pixel] === id)
  return [0, 1, 2].map((channel) => {
    const values = pixels.map((pixel) => color[3 * pixel + channel]! / 255).sort((a, b) => a - b)
    return values[values.length >> 1]!
  })
}

/** Share of the light that each channel has: what stays of a colour when light gets stronger or weaker. */
const shares = (color: readonly number[]) =>
  color.map((value) => value ** 2.2 / color.reduce((sum, other) => sum + other ** 2.2, 1e-6))

function nearestName(color: readonly number[]): string {
  const own = shares(color)
  const away = (name: (typeof colorNames)[number]) =>
    Math.hypot(...shares(objectColors[name]).map((share, i) => share - own[i]!))
  return [...colorNames].sort((a, b) => away(a) - away(b))[0]!
}

/** How many of the pictures of each colour look like another one's. */
function confusions(ranges: Randomization): Record<string, number> {
  const wrong = Object.fromEntries(colorNames.map((name) => [name, 0]))
  for (let seed = 0; seed < variants; seed++) {
    const picture = render(randomizeScene(balls, ranges, random(seed, 'colors')), { seed })
    for (const [id, name] of colorNames.entries()) {
      if (nearestName(colorOf(picture, id)) !== name) wrong[name]!++
    }
  }
  return wrong
}

const variants = 40

describe('the randomization of data sets', () => {
  it('leaves the eight colours what commands call them, which the usual ranges do not', () => {
    const kept = confusions(tabletopRandomization())
    const usual = confusions(parseRandomization())
    for (const name of colorNames) {
      // Each looks like itself more often than like all others together.
      expect(kept[name]!, name).toBeLessThan(variants / 2)
      expect(kept[name]!, name).toBeLessThanOrEqual(usual[name]!)
    }
    expect(Math.max(...Object.values(usual))).toBeGreaterThan(variants / 2)
  })

  it('takes ranges of one’s own, and keeps colours unless told otherwise', () => {
    const { lighting, camera: lens } = tabletopRandomization({
      lighting: { brightness: [1, 2] },
      camera: { noise: [0, 0.1] },
    })
    expect(lighting).toEqual({ ...tabletopRandomization().lighting, brightness: [1, 2] })
    expect(lens.noise).toEqual([0, 0.1])
    expect(tabletopRandomization({ lighting: { hue: [-0.1, 0.1] } }).lighting.hue).toEqual([-0.1, 0.1])
  })

  it.each([[null], ['dark'], [{ lighting: null }], [{ lightning: {} }]])('refuses %j', (input) => {
    expect(() => tabletopRandomization(input as never)).toThrow(
      expect.objectContaining({ code: 'world/randomization' }),
    )
  })
})

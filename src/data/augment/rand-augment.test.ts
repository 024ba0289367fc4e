import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import type { Pixels } from '../images/index.ts'
import { applyTransforms, type Drawn, type ImageTransform, randAugment } from './index.ts'

const side = 24

/** Colours all over, a black box in the middle. */
const picture: Pixels = {
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side * 4 }, (_, i) => {
    const [x, y] = [Math.floor(i / 4) % side, Math.floor(i / 4 / side)]
    if (i % 4 === 3) return 255
    return Math.max(Math.abs(x - 11.5), Math.abs(y - 11.5)) < 4
      ? 10
      : 70 + ((x * 7 + y * 3 + (i % 4) * 40) % 120)
  }),
}

function run(transform: ImageTransform, seed: number, caption = '') {
  let drawn: Drawn | undefined
  const result = applyTransforms(picture, {
    transforms: [transform],
    background: [1, 1, 1],
    caption,
    random: random(seed, 'rand'),
    labels: { box: [8 / 24, 8 / 24, 16 / 24, 16 / 24] },
    labelKinds: { box: { kind: 'box' } },
    observe: (_, sample) => {
      drawn = sample.drawn
    },
  })
  return { ...result, names: String(drawn?.operations).split(', ') }
}

const nameOf = (operation: string): string => operation.split(' ')[0]!

describe('randAugment', () => {
  it('draws from fourteen operations evenly, with the strength of the magnitude', () => {
    const counts = new Map<string, number>()
    const amounts = new Set<string>()
    for (let seed = 0; seed < 1400; seed++) {
      for (const operation of run(randAugment({ operations: 1, magnitude: 15 }), seed).names) {
        counts.set(nameOf(operation), (counts.get(nameOf(operation)) ?? 0) + 1)
        amounts.add(operation)
      }
    }
    expect(counts.size).toBe(14)
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(60)
      expect(count).toBeLessThan(140)
    }
    expect(amounts).toContain('rotate 15')
    expect(amounts).toContain('rotate -15')
    expect(amounts).toContain('shearX 0.15')
    expect(amounts).toContain('brightness -0.45')
    expect(amounts).toContain('posterize 2')
    expect(amounts).not.toContain('solarize -0.5')
  })

  it('changes the picture by every operation but one, more with a larger magnitude', () => {
    const still = run(randAugment({ magnitude: 0, operations: 1 }), 5).colors
    const changeOf = (magnitude: number) => {
      const changes = new Map<string, number>()
      for (let seed = 0; seed < 300; seed++) {
        const { names, colors } = run(randAugment({ operations: 1, magnitude }), seed)
        const reference = run(randAugment({ operations: 1, magnitude: 0 }), seed)
        if (/posterize|autoContrast|equalize|solarize/.test(names[0]!)) continue
        const change = colors.reduce((sum, value, i) => sum + Math.abs(value - reference.colors[i]!), 0)
        changes.set(nameOf(names[0]!), change / colors.length)
      }
      return changes
    }
    expect(still.length).toBe(3 * side * side)
    const [weak, strong] = [changeOf(5), changeOf(25)]
    for (const [name, change] of strong) {
      if (name === 'identity') expect(change).toBe(0)
      else expect(change).toBeGreaterThan(1.5 * weak.get(name)!)
    }
    expect(strong.size).toBe(10)
  })

  it('takes boxes along', () => {
    let compared = 0
    for (let seed = 0; seed < 200; seed++) {
      const { colors, labels, names } = run(randAugment({ operations: 2, magnitude: 12 }), seed)
      if (names.some((name) => /solarize|equalize|autoContrast|contrast|brightness/.test(name))) continue
      compared += 1
      const dark = [...colors.subarray(0, side * side).keys()].filter((i) => {
        return [0, 1, 2].every((channel) => colors[channel * side * side + i]! < 0.18)
      })
      const [xs, ys] = [dark.map((i) => i % side), dark.map((i) => Math.floor(i / side))]
      const found = [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]
      for (const [i, edge] of labels.box!.entries())
        expect(Math.abs(edge * side - found[i]!)).toBeLessThan(2.5)
    }
    expect(compared).toBeGreaterThan(60)
  })

  it('leaves colours alone that the caption names', () => {
    const recoloring = /color|posterize|solarize|autoContrast|equalize/
    const names = (caption: string) =>
      Array.from({ length: 100 }, (_, seed) => run(randAugment(), seed, caption).names).flat()
    expect(names('a cup').some((name) => recoloring.test(name))).toBe(true)
    for (const caption of ['a red cup', 'the white cup']) {
      expect(names(caption).some((name) => recoloring.test(name))).toBe(false)
    }
  })
})

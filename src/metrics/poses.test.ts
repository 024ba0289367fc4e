import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ShapeError } from '../core/index.ts'
import { boxOverlaps, detection, joints, pose, position, positionErrors, rotationAngles } from './index.ts'

const f32 = (...values: number[]) => Float32Array.from(values)

/** Cases of test/golden/losses: rotations compared as matrices, by PyTorch. */
const golden: readonly { loss: string; prediction: number[][]; target: number[][]; errors: number[] }[] =
  JSON.parse(readFileSync(new URL('../../test/golden/losses/policy.json', import.meta.url), 'utf8'))

describe('rotationAngles', () => {
  it('is the angle between rotation matrices', () => {
    for (const { prediction, target, errors } of golden.filter(({ loss }) => loss === 'rotation')) {
      const angles = rotationAngles(f32(...prediction.flat()), f32(...target.flat()))
      errors.forEach((error, i) => {
        expect(4 * Math.sin(angles[i]! / 2) ** 2).toBeCloseTo(error, 5)
      })
    }
  })

  it.each([
    ['none', [0, 0, 0], [0, 0, 0], 0],
    ['a quarter turn', [0, 0, 0], [0, Math.PI / 2, 0], Math.PI / 2],
    ['half a turn from either side', [0, 0, Math.PI], [0, 0, -Math.PI], 0],
    ['across half a turn', [0, 0, Math.PI - 0.1], [0, 0, 0.1 - Math.PI], 0.2],
    ['a full turn', [2 * Math.PI, 0, 0], [0, 0, 0], 0],
    ['a small angle', [1e-4, 0, 0], [0, 0, 0], 1e-4],
    ['two axes', [Math.PI, 0, 0], [0, Math.PI, 0], Math.PI],
  ])('%s', (_, a, b, expected) => {
    expect(rotationAngles(f32(...a), f32(...b))[0]).toBeCloseTo(expected, 6)
  })

  it('is NaN where a number is', () => {
    expect(rotationAngles(f32(Number.NaN, 0, 0), f32(0, 0, 0))[0]).toBeNaN()
  })
})

describe('metrics in physical units', () => {
  it('position: means, medians and what is within', () => {
    const predictions = f32(0.375, 0.5, 0, 1, 1, 1, 0, 0, 2)
    const targets = f32(0, 0, 0, 1, 1, 1, 0, 0, 0)
    expect(Array.from(positionErrors(predictions, targets))).toEqual([0.625, 0, 2])
    const metrics = position({ predictions, targets, tolerance: 0.625 })
    expect(metrics.meanErrorMetres).toBeCloseTo(2.625 / 3, 6)
    expect(metrics.medianErrorMetres).toBe(0.625)
    expect(metrics.withinFraction).toBeCloseTo(2 / 3, 6)
  })

  it('pose: both tolerances must hold', () => {
    const degree = Math.PI / 180
    const targets = f32(...[0, 1, 2].flatMap(() => [0.5, 0, 0.8, 0, 0, 3]))
    const predictions = f32(
      ...[0.51, 0, 0.8, 0, 0, 3 + 14 * degree],
      ...[0.51, 0, 0.8, 0, 0, 3 - 16 * degree],
      ...[0.53, 0, 0.8, 0, 0, 3],
    )
    const metrics = pose({ predictions, targets, positionTolerance: 0.02, rotationTolerance: 15 * degree })
    expect(metrics.withinFraction).toBeCloseTo(1 / 3, 6)
    expect(metrics.medianPositionErrorMetres).toBeCloseTo(0.01, 6)
    expect(metrics.meanRotationErrorRadians).toBeCloseTo(10 * degree, 5)
  })

  it('joints: the worst one decides', () => {
    const targets = f32(0, 0, 1, 1)
    const metrics = joints({ predictions: f32(0.1, -0.1, 1, 1.3), targets, joints: 2, tolerance: 0.2 })
    expect(metrics.meanErrorRadians).toBeCloseTo(0.125, 6)
    expect(metrics.medianWorstErrorRadians).toBeCloseTo(0.2, 6)
    expect(metrics.withinFraction).toBe(0.5)
  })

  it('NaN is never within', () => {
    const nothing = f32(Number.NaN, 0, 0)
    expect(position({ predictions: nothing, targets: f32(0, 0, 0), tolerance: 9 }).withinFraction).toBe(0)
    const input = { predictions: nothing, targets: f32(0, 0, 0), joints: 3, tolerance: 9 }
    expect(joints(input).withinFraction).toBe(0)
  })

  it('refuses lengths that do not fit', () => {
    expect(() => positionErrors(f32(1, 2), f32(1, 2))).toThrow(ShapeError)
    expect(() => rotationAngles(f32(), f32())).toThrow(/at least one sample/)
    expect(() => boxOverlaps(f32(0, 0, 1, 1), f32(0, 0, 1))).toThrow(/\[samples, 4\]/)
  })
})

describe('detection', () => {
  const endless = Number.POSITIVE_INFINITY

  it.each([
    ['the same box', [0, 0, 1, 1], [0, 0, 1, 1], 1],
    ['half of it', [0, 0, 1, 0.5], [0, 0, 1, 1], 0.5],
    ['a quarter of each', [0.5, 0.5, 1.5, 1.5], [0, 0, 1, 1], 0.25 / 1.75],
    ['a touch', [1, 0, 2, 1], [0, 0, 1, 1], 0],
    ['the wrong way round', [1, 1, 0, 0], [0, 0, 1, 1], 0],
    ['a point', [0.5, 0.5, 0.5, 0.5], [0, 0, 1, 1], 0],
    ['NaN', [Number.NaN, 0, 1, 1], [0, 0, 1, 1], 0],
    ['a box without end', [-endless, -endless, endless, endless], [0, 0, 1, 1], 0],
    ['a band without end', [0, 0, endless, 1], [0, 0, 1, 1], 0],
    ['a place without end', [endless, 0, endless, 1], [0, 0, 1, 1], 0],
  ])('overlap with %s', (_, a, b, expected) => {
    expect(boxOverlaps(f32(...a), f32(...b))[0]).toBeCloseTo(expected, 6)
    expect(boxOverlaps(f32(...b), f32(...a))[0]).toBeCloseTo(expected, 6)
  })

  it('of two boxes without end is none', () => {
    const plane = f32(-endless, -endless, endless, endless)
    expect(boxOverlaps(plane, plane)[0]).toBe(0)
    expect(detection({ predictions: plane, targets: plane })).toEqual({ meanOverlap: 0, foundFraction: 0 })
  })

  it('counts what is above the threshold', () => {
    const predictions = f32(0, 0, 1, 0.5, 0, 0, 1, 0.75)
    const targets = f32(0, 0, 1, 1, 0, 0, 1, 1)
    expect(detection({ predictions, targets })).toEqual({ meanOverlap: 0.625, foundFraction: 0.5 })
    expect(detection({ predictions, targets, threshold: 0.8 }).foundFraction).toBe(0)
  })
})

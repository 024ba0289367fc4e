import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/probe.json' with { type: 'json' }
import { random } from '../core/index.ts'
import { chooseStrength } from './choose-strength.ts'
import { classification } from './classification.ts'
import { type LinearProbeInput, linearProbe, probeScores } from './linear-probe.ts'
import { softmaxRows } from './softmax.ts'

const [three] = golden
const train = { features: Float32Array.from(three!.features), labels: three!.labels }
const { width, classes } = three!
const probeOf = (options: Partial<LinearProbeInput> = {}) =>
  linearProbe({ ...train, width, classes, ...options })
const code = (code: string) => expect.objectContaining({ code })

describe('linearProbe', () => {
  it.each(golden)('agrees with scikit-learn: $name', (expected) => {
    const { classes, width, inverseStrength, standardize, present } = expected
    const train = { features: Float32Array.from(expected.features), labels: expected.labels }
    const options = { width, classes, inverseStrength, standardize, tolerance: 1e-9 }
    const probe = linearProbe({ ...train, ...options })
    expect(probe.converged).toBe(true)
    expect(probe.gradientMaximum).toBeLessThan(1e-9)
    for (const [i, label] of present.entries()) {
      expect(probe.bias[label]).toBeCloseTo(expected.bias[i]!, 5)
      for (let k = 0; k < width; k++)
        expect(probe.weights[label * width + k]).toBeCloseTo(expected.weights[i * width + k]!, 5)
    }
    const scores = probeScores(probe, Float32Array.from(expected.testFeatures))
    for (const [i, probability] of softmaxRows(scores, classes).entries())
      expect(probability).toBeCloseTo(expected.probabilities[i]!, 5)
    expect(classification({ scores, classes, labels: expected.predictions }).accuracy).toBe(1)
  })

  it('agrees to 5e-3 at the tolerance that it has by default', () => {
    const probe = probeOf()
    expect(probe.gradientMaximum).toBeLessThan(1e-4)
    for (const [i, weight] of probe.weights.entries()) expect(weight).toBeCloseTo(three!.weights[i]!, 2)
  })

  it('gives a class without samples the probability 0', () => {
    const { weights, bias } = linearProbe({ ...train, width, classes: 5 })
    expect([...bias].slice(3)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])
    const scores = probeScores({ ...probeOf(), weights, bias }, train.features.subarray(0, width))
    expect([...softmaxRows(scores, 5)].slice(3)).toEqual([0, 0])
  })

  it('learns from standardized features as well where one is constant and one on another scale', () => {
    const wide = Float32Array.from({ length: 3 * three!.labels.length }, (_, i) => {
      const label = three!.labels[Math.floor(i / 3)]!
      return [0.1, 1e5 + label, label === 1 ? 1e-3 : 0][i % 3]!
    })
    const probe = linearProbe({
      features: wide,
      labels: three!.labels,
      width: 3,
      classes: 3,
      standardize: true,
    })
    expect(probe.converged).toBe(true)
    const scores = probeScores(probe, wide)
    expect(classification({ scores, classes: 3, labels: three!.labels }).accuracy).toBe(1)
  })

  it('says when it has not converged', () => {
    expect(probeOf({ maximumIterations: 2 })).toMatchObject({ converged: false, iterations: 2 })
    expect(probeOf().converged).toBe(true)
  })

  it('refuses one class, no samples and what is not finite, with the sample', () => {
    const { features } = train
    const one = { features, labels: train.labels.map(() => 1) }
    expect(() => linearProbe({ ...one, width, classes })).toThrow(code('metrics/one-class'))
    const none = { features: new Float32Array(), labels: [] }
    expect(() => linearProbe({ ...none, width, classes })).toThrow(code('metrics/no-samples'))
    const broken = { features: features.with(2 * width + 1, Number.NaN), labels: train.labels }
    expect(() => linearProbe({ ...broken, width, classes })).toThrow(/feature 1 of sample 2 is NaN/)
  })

  it('refuses labels that do not fit, and options out of range', () => {
    const { labels } = train
    expect(() => probeOf({ labels: labels.slice(1) })).toThrow(/36 labels, not 35/)
    expect(() => probeOf({ labels: labels.with(4, 3) })).toThrow(/label 3 of sample 4 .* 0 to 2/)
    for (const options of [{ inverseStrength: 0 }, { tolerance: -1 }, { maximumIterations: 0.5 }])
      expect(() => probeOf(options)).toThrow(code('metrics/option-range'))
  })

  it('scores NaN as NaN, and nothing as nothing', () => {
    const scores = probeScores(probeOf(), new Float32Array(width).fill(Number.NaN))
    expect(classification({ scores, classes, labels: [0] }).accuracy).toBe(0)
    expect(probeScores(probeOf(), new Float32Array())).toEqual(new Float32Array())
    expect(() => probeScores(probeOf(), new Float32Array(width + 1))).toThrow(code('shape/features'))
  })
})

describe('chooseStrength', () => {
  const stream = random(8, 'features')
  /** Two features that tell three classes apart, a little, and many that tell nothing. */
  const noisy = (samples: number) => {
    const labels = Array.from({ length: samples }, (_, i) => i % 3)
    const features = labels.flatMap((label) =>
      Array.from({ length: 20 }, (_, k) => (k < 2 && label === k ? 1 : 0) + 0.5 * stream.normal()),
    )
    return { features: Float32Array.from(features), labels }
  }
  const sizes = { width: 20, classes: 3 }
  const [train, validation] = [noisy(45), noisy(90)]

  it('takes the best on validation data, of 10⁻³ to 10³', () => {
    const chosen = chooseStrength({ train, validation, ...sizes })
    expect(chosen.tried.map(({ inverseStrength }) => inverseStrength)).toEqual([
      0.001, 0.01, 0.1, 1, 10, 100, 1000,
    ])
    const accuracies = chosen.tried.map(({ accuracy }) => accuracy)
    expect(chosen.accuracy).toBe(Math.max(...accuracies))
    expect(chosen.inverseStrength).toBe(chosen.tried[accuracies.indexOf(chosen.accuracy)]!.inverseStrength)
    expect(chosen.accuracy).toBeGreaterThan(accuracies.at(-1)!)
    expect(chosen.tried.every(({ converged }) => converged)).toBe(true)
    const probe = linearProbe({ ...train, ...sizes, inverseStrength: chosen.inverseStrength })
    expect(chosen.probe).toEqual(probe)
  })

  it('takes the strongest penalty of equals, whatever their order', () => {
    const chosen = chooseStrength({ train, validation: train, ...sizes, inverseStrengths: [1000, 100] })
    expect(chosen.tried.map(({ accuracy }) => accuracy)).toEqual([1, 1])
    expect(chosen.inverseStrength).toBe(100)
  })

  it('refuses nothing to try and nothing to validate on', () => {
    expect(() => chooseStrength({ train, validation: train, ...sizes, inverseStrengths: [] })).toThrow(
      code('metrics/no-samples'),
    )
    const none = { features: new Float32Array(), labels: [] }
    expect(() => chooseStrength({ train, validation: none, ...sizes, inverseStrengths: [1] })).toThrow(
      code('shape/classification'),
    )
  })
})

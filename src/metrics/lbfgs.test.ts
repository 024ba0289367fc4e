import { describe, expect, it } from 'vitest'
import { lbfgs, type Objective } from './lbfgs.ts'

/** Σ 100·(x(i+1) − x(i)²)² + (1 − x(i))², least at (1, …, 1): Rosenbrock's valley. */
const rosenbrock: Objective = (x, gradient) => {
  gradient.fill(0)
  let value = 0
  for (let i = 0; i + 1 < x.length; i++) {
    const [valley, rest] = [x[i + 1]! - x[i]! ** 2, 1 - x[i]!]
    value += 100 * valley ** 2 + rest ** 2
    gradient[i]! += -400 * x[i]! * valley - 2 * rest
    gradient[i + 1]! += 200 * valley
  }
  return value
}

/** Σ cᵢ·xᵢ² / 2 + 5, with c from 1 to 100. */
const stretched: Objective = (x, gradient) => {
  let value = 5
  for (const [i, xi] of x.entries()) {
    const c = 10 ** ((2 * i) / (x.length - 1))
    value += (c * xi ** 2) / 2
    gradient[i] = c * xi
  }
  return value
}

describe('lbfgs', () => {
  it("finds the end of Rosenbrock's valley", () => {
    const start = Float64Array.from([-1.2, 1, -1.2, 1, -1.2, 1])
    const found = lbfgs(rosenbrock, start, { tolerance: 1e-9 })
    expect(found.converged).toBe(true)
    expect(found.gradientMaximum).toBeLessThan(1e-9)
    expect(found.iterations).toBeLessThan(120)
    for (const value of found.x) expect(value).toBeCloseTo(1, 8)
    expect(start[0]).toBe(-1.2)
  })

  it('goes on where values differ by rounding only', () => {
    const found = lbfgs(stretched, new Float64Array(30).fill(1), { tolerance: 1e-10 })
    expect(found.converged).toBe(true)
    for (const value of found.x) expect(Math.abs(value)).toBeLessThan(1e-9)
    expect(found.value).toBe(5)
  })

  it('stays where the gradient is small already', () => {
    const found = lbfgs(stretched, new Float64Array(3))
    expect(found).toMatchObject({ iterations: 0, converged: true, value: 5, gradientMaximum: 0 })
  })

  it('says when iterations run out', () => {
    const found = lbfgs(rosenbrock, Float64Array.from([-1.2, 1]), { maximumIterations: 3 })
    expect(found).toMatchObject({ converged: false, iterations: 3 })
    expect(found.value).toBeLessThan(rosenbrock(Float64Array.from([-1.2, 1]), new Float64Array(2)))
  })

  it('says when there is no way down, and when there is a NaN', () => {
    const wrong: Objective = (x, gradient) => {
      gradient[0] = -1
      return x[0]!
    }
    expect(lbfgs(wrong, new Float64Array(1))).toMatchObject({ converged: false, iterations: 0 })
    const broken: Objective = (_, gradient) => {
      gradient[0] = Number.NaN
      return Number.NaN
    }
    expect(lbfgs(broken, new Float64Array(1))).toMatchObject({ converged: false, iterations: 0 })
  })

  it('steps back from where the function is not defined', () => {
    const logarithm: Objective = (x, gradient) => {
      gradient[0] = 1 - 1 / x[0]!
      return x[0]! - Math.log(x[0]!) // NaN below 0, least at 1
    }
    expect(lbfgs(logarithm, Float64Array.from([30]), { tolerance: 1e-9 }).x[0]).toBeCloseTo(1, 8)
  })
})

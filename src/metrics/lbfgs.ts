/** A smooth function to be minimized: return its value at `x` and write its gradient. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number

export interface LbfgsOptions {
  /** Converged once every |∂f/∂x| is below it. Default 1e-4. */
  readonly tolerance?: number
  /** Default 1,000. */
  readonly maximumIterations?: number
}

export interface Minimum {
  readonly x: Float64Array
  readonly value: number
  /** Largest |∂f/∂x| at `x`. */
  readonly gradientMaximum: number
  readonly iterations: number
  /** False when iterations ran out, or no step was found that goes down. */
  readonly converged: boolean
}

interface Point {
  readonly x: Float64Array
  readonly value: number
  readonly gradient: Float64Array
}

/** A step s between two points and the change y of the gradient along it. */
interface Correction {
  readonly s: Float64Array
  readonly y: Float64Array
  /** s·y, which is above 0. */
  readonly curvature: number
}

/** Number of corrections that approximate the Hessian. */
const memory = 10
/** Constants of the Wolfe conditions: sufficient decrease, and slope. */
const [decrease, slope] = [1e-4, 0.9]
/** Steps that are tried along one direction. */
const maximumTrials = 50

/**
 * Minimum of a smooth function by limited-memory BFGS: each step goes along −H·gradient, where H approximates the
 * inverse Hessian by the last 10 steps, as far as the Wolfe conditions ask, found by bisection.
 *
 * Sources: Liu & Nocedal, "On the limited memory BFGS method for large scale optimization" (1989); Lewis & Overton,
 * "Nonsmooth optimization via quasi-Newton methods" (2013) for the bisection.
 *
 * @param start The point to begin from; it is not changed.
 */
export function lbfgs(objective: Objective, start: Float64Array, options: LbfgsOptions = {}): Minimum {
  const { tolerance = 1e-4, maximumIterations = 1000 } = options
  const corrections: Correction[] = []
  let point = evaluate(objective, start.slice())
  let iterations = 0
  while (!(largest(point.gradient) < tolerance) && iterations < maximumIterations) {
    const next = searchLine(objective, point, directionAt(point, corrections))
    if (next === undefined) break
    const [s, y] = [difference(next.x, point.x), difference(next.gradient, point.gradient)]
    corrections.push({ s, y, curvature: dot(s, y) })
    if (corrections.length > memory) corrections.shift()
    point = next
    iterations++
  }
  const gradientMaximum = largest(point.gradient)
  const { x, value } = point
  return { x, value, gradientMaximum, iterations, converged: gradientMaximum < tolerance }
}

/** −H·gradient by the two loops of L-BFGS; at first the negative gradient, at most of length 1. */
function directionAt({ gradient }: Point, corrections: readonly Correction[]): Float64Array {
  const direction = gradient.map((value) => -value)
  const factors = corrections.map(() => 0)
  for (const [i, { s, y, curvature }] of [...corrections.entries()].reverse()) {
    factors[i] = dot(s, direction) / curvature
    addScaled(direction, -factors[i]!, y)
  }
  const last = corrections.at(-1)
  const scale = last
    ? last.curvature / dot(last.y, last.y)
    : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)))
  for (let i = 0; i < direction.length; i++) direction[i]! *= scale
  for (const [i, { s, y, curvature }] of corrections.entries())
    addScaled(direction, factors[i]! - dot(y, direction) / curvature, s)
  return direction
}

/** The first point found along a direction that fulfils the weak Wolfe conditions. */
function searchLine(objective: Objective, from: Point, direction: Float64Array): Point | undefined {
  const descent = dot(from.gradient, direction)
  let [low, high, step] = [0, Number.POSITIVE_INFINITY, 1]
  for (let trial = 0; trial < maximumTrials; trial++) {
    const x = from.x.slice()
    addScaled(x, step, direction)
    const point = evaluate(objective, x)
    const rate = dot(point.gradient, direction)
    if (!goesDown(from.value, point.value, step, descent, rate)) high = step
    else if (rate < slope * descent) low = step
    else return point
    step = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * step
  }
  return undefined
}

/**
 * Tell whether a step decreases the value enough. Near the minimum, where differences of values are rounding, the slope
 * tells instead (Hager & Zhang 2005).
 */
function goesDown(before: number, after: number, step: number, descent: number, rate: number): boolean {
  if (after <= before + decrease * step * descent) return true
  return after <= before + 1e-12 * Math.abs(before) && rate <= (2 * decrease - 1) * descent
}

function evaluate(objective: Objective, x: Float64Array): Point {
  const gradient = new Float64Array(x.length)
  return { x, value: objective(x, gradient), gradient }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function addScaled(target: Float64Array, factor: number, values: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * values[i]!
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]!)

const largest = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

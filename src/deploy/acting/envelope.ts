import { ActionError, ConfigError } from '../../core/index.ts'
import type { Joint } from '../../models/index.ts'

/** A number for each joint, or one for all. */
type ForJoints = number | readonly number[]

/** Limits of the targets of a robot's joints, in the unit of its joints: radians, or metres of a slide. */
export interface EnvelopeOptions {
  /** Lowest and highest position of each joint. Default: the limits of the bundle; joints without any are free. */
  readonly position?: readonly (readonly [lowest: number, highest: number])[] | undefined
  /** Largest speed in units a second, from the measured position to the target within `period`. Default: not limited. */
  readonly speed?: ForJoints | undefined
  /** Time in seconds within which a target is to be reached; needed for `speed`. */
  readonly period?: number | undefined
  /** Largest distance of a target from the one before, of the first from the measured position. Default: not limited. */
  readonly step?: ForJoints | undefined
  /** Treatment of a target outside of the envelope: an error, or the nearest target inside, which is told. Default `refuse`. */
  readonly outside?: 'refuse' | 'clamp' | undefined
}

/** A target of a joint outside of the envelope. */
export interface Violation {
  readonly joint: string
  readonly kind: 'position' | 'speed' | 'step'
  readonly target: number
  /** Range of targets at this moment. */
  readonly lowest: number
  readonly highest: number
}

/** Targets inside of the envelope, and what was outside before it was clamped. */
export interface Enveloped {
  readonly targets: readonly number[]
  readonly clamped: readonly Violation[]
}

type Bound = Pick<Violation, 'kind' | 'lowest' | 'highest'>

/** The envelope of a robot's joints. It remembers the last target. */
export class JointEnvelope {
  readonly #joints: readonly Joint[]
  readonly #options: EnvelopeOptions
  #last: readonly number[] | undefined

  /** @throws ConfigError `deploy/envelope` for limits that are not positive and finite, or not one for each joint. */
  constructor(joints: readonly Joint[], options: EnvelopeOptions) {
    requireLimits(joints, options)
    this.#joints = joints
    this.#options = options
  }

  /** True where the measured positions of the joints are needed. */
  get needsState(): boolean {
    return this.#options.speed !== undefined || (this.#options.step !== undefined && this.#last === undefined)
  }

  /** Forget the last target: the next step is measured from where the joints are. */
  reset(): void {
    this.#last = undefined
  }

  /**
   * Check targets, and remember them where they may be told.
   * @param state Measured positions of the joints; undefined where {@link needsState} is false.
   * @throws ActionError `deploy/outside-envelope` naming each joint and limit; with `clamp` only where no target is inside.
   */
  require(targets: readonly number[], state: readonly number[] | undefined): Enveloped {
    const bounds = this.#joints.map((_, i) => this.#boundsOf(i, state))
    const violations = targets.flatMap((target, i) =>
      bounds[i]!.filter(({ lowest, highest }) => !(target >= lowest && target <= highest)).map((bound) => ({
        joint: this.#joints[i]!.name,
        target,
        ...bound,
      })),
    )
    if (violations.length > 0 && this.#options.outside !== 'clamp') throw outside(violations)
    const inside = targets.map((target, i) => nearest(target, bounds[i]!))
    if (inside.includes(undefined)) throw outside(violations)
    this.#last = inside as number[]
    return { targets: this.#last, clamped: violations }
  }

  #boundsOf(i: number, state: readonly number[] | undefined): readonly Bound[] {
    const { position, speed, period, step } = this.#options
    const around = (kind: Bound['kind'], middle: number | undefined, distance: number): readonly Bound[] =>
      middle === undefined ? [] : [{ kind, lowest: middle - distance, highest: middle + distance }]
    const limits = position?.[i] ?? this.#joints[i]!.limits
    return [
      ...(limits ? [{ kind: 'position' as const, lowest: limits[0], highest: limits[1] }] : []),
      ...(speed === undefined ? [] : around('speed', state?.[i], of(speed, i) * period!)),
      ...(step === undefined ? [] : around('step', this.#last?.[i] ?? state?.[i], of(step, i))),
    ]
  }
}

const of = (value: ForJoints, i: number): number => (typeof value === 'number' ? value : value[i]!)

/** The nearest value inside of all bounds; undefined where there is none. */
function nearest(target: number, bounds: readonly Bound[]): number | undefined {
  const lowest = Math.max(...bounds.map((bound) => bound.lowest))
  const highest = Math.min(...bounds.map((bound) => bound.highest))
  return lowest > highest ? undefined : Math.min(Math.max(target, lowest), highest)
}

const shown = (value: number): string => value.toFixed(4)

function outside(violations: readonly Violation[]): ActionError {
  const found = violations.map(
    ({ joint, kind, target, lowest, highest }) =>
      `${joint} is told ${shown(target)}, and its ${kind} may be ${shown(lowest)} to ${shown(highest)}`,
  )
  return new ActionError(
    'deploy/outside-envelope',
    `the action is refused: ${found.join('; ')}. Hold the robot where it is, or let the envelope clamp (outside: 'clamp')`,
    { violations },
  )
}

function requireLimits(joints: readonly Joint[], options: EnvelopeOptions): void {
  const { position, speed, step, period } = options
  const fail = (key: string, problem: string): never => {
    const message = `envelope.${key}: ${problem}`
    throw new ConfigError('deploy/envelope', message, { key, joints: joints.map(({ name }) => name) })
  }
  const requireCount = (key: string, { length }: readonly unknown[]) => {
    if (length !== joints.length) fail(key, `${length} limits for ${joints.length} joints`)
  }
  for (const [key, value] of Object.entries({ speed, step, period })) {
    if (Array.isArray(value)) requireCount(key, value)
    const values = value === undefined ? [] : [value].flat()
    if (!values.every((limit) => limit > 0 && Number.isFinite(limit)))
      fail(key, 'limits are finite and above 0')
  }
  if (speed !== undefined && period === undefined)
    fail('period', 'a limit of speed needs the period in seconds')
  if (position) requireCount('position', position)
  const wrong = position?.findIndex(([lowest, highest]) => !(lowest < highest)) ?? -1
  if (wrong !== -1) fail('position', `the lowest position of ${joints[wrong]!.name} is not below its highest`)
}

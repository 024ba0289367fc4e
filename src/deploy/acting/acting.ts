import { performance } from 'node:perf_hooks'
import { ActionError, ConfigError, DataError, nearestName } from '../../core/index.ts'
import type { CameraPixels, EncodedImage } from '../../data/images/index.ts'
import { actionsOf, type ConfigWithHeads, type Joint } from '../../models/index.ts'
import { type EnvelopeOptions, JointEnvelope, type Violation } from './envelope.ts'
import { type JointState, positionsOf } from './joint-state.ts'
import { type Latency, type LatencyOptions, LatencyWindow } from './latency.ts'

/** Observation of a robot: all that it sees, feels and is told. */
export interface RobotObservation {
  /** A picture of each camera of the policy, by name. */
  readonly cameras: Readonly<Record<string, CameraPixels | EncodedImage>>
  /** Measured positions of the joints that the policy moves; needed where the envelope limits speed or step. */
  readonly joints?: JointState | undefined
  /** Undefined for none. */
  readonly command: string | undefined
  /** Head whose values are wanted. Default: all. */
  readonly task?: string | undefined
}

/** Values to act on, and how they came about. */
export interface Action {
  /** Values by label, as of `predict`; targets of joints are those inside of the envelope. */
  readonly values: Readonly<Record<string, readonly number[]>>
  /** Targets of joints that were outside of the envelope before they were clamped; empty where none was. */
  readonly clamped: readonly Violation[]
  /** Words of the command that the policy never learned. */
  readonly unlearned: readonly string[]
  /** Time of the call in milliseconds, and whether that was more than the budget. */
  readonly milliseconds: number
  readonly overBudget: boolean
}

/** Options for acting. */
export interface ActingOptions {
  /** Name of the camera whose pictures the policy sees. Default `camera`. */
  readonly camera?: string | undefined
  /** Limits of what the joints may be told. Default: the positions that the bundle gives. */
  readonly envelope?: EnvelopeOptions | undefined
  /** Budget and window of the latency. Default: no budget, 1000 calls. */
  readonly latency?: LatencyOptions | undefined
}

/** The part of a policy that acting needs. */
export interface ActingPart {
  readonly config: ConfigWithHeads
  readonly name: string
  predict(picture: CameraPixels | EncodedImage, command: string | undefined): Promise<Action['values']>
  unlearned(command: string): readonly string[]
}

/** A policy between cameras and motors: one observation in, one action out. */
export class Acting {
  readonly #part: ActingPart
  readonly #camera: string
  readonly #latency: LatencyWindow
  readonly #envelopes: ReadonlyMap<
    string,
    { readonly joints: readonly Joint[]; readonly envelope: JointEnvelope }
  >

  /** @throws ConfigError `deploy/envelope` or `deploy/latency` for limits that are not valid. */
  constructor(part: ActingPart, { camera = 'camera', envelope = {}, latency = {} }: ActingOptions) {
    requireLatency(latency)
    this.#part = part
    this.#camera = camera
    this.#latency = new LatencyWindow(latency)
    this.#envelopes = new Map(
      Object.entries(actionsOf(part.config)).flatMap(
        ([label, { kind, head, joints = numbered(part, head) }]) =>
          kind === 'joints'
            ? [[label, { joints, envelope: new JointEnvelope(joints, envelope) }] as const]
            : [],
      ),
    )
  }

  get latency(): Latency {
    return this.#latency.latency
  }

  /** Forget the last targets, as at the beginning of an episode or after the robot was moved by hand. */
  reset(): void {
    for (const { envelope } of this.#envelopes.values()) envelope.reset()
  }

  /**
   * @throws DataError `deploy/camera`, `deploy/joint-state`, `deploy/task` and those of `predict`; ActionError `deploy/not-finite`
   * or `deploy/outside-envelope`: the robot is to hold still.
   */
  async act({ cameras, joints, command, task }: RobotObservation): Promise<Action> {
    const start = performance.now()
    const picture = this.#pictureOf(cameras)
    const wanted = this.#labelsOf(task)
    const positions = this.#positionsOf(joints, wanted)
    const all = await this.#part.predict(picture, command)
    const values = wanted.map((label) => [label, all[label]!] as const)
    const time = this.#latency.addSince(start) // of refused actions, too
    requireFinite(values)
    const inside = values.map(([label, targets]) => {
      const envelope = this.#envelopes.get(label)?.envelope
      return [label, envelope?.require(targets, positions.get(label)) ?? { targets, clamped: [] }] as const
    })
    return {
      values: Object.fromEntries(inside.map(([label, { targets }]) => [label, targets])),
      clamped: inside.flatMap(([, { clamped }]) => clamped),
      unlearned: command === undefined ? [] : this.#part.unlearned(command),
      ...time,
    }
  }

  #pictureOf(cameras: RobotObservation['cameras']): CameraPixels | EncodedImage {
    const name = this.#camera
    const unknown = Object.keys(cameras).find((other) => other !== name)
    const picture = cameras[name]
    if (picture !== undefined && unknown === undefined) return picture
    const problem =
      picture === undefined ? `there is no picture of '${name}'` : `it has no camera '${unknown}'`
    throw new DataError(
      'deploy/camera',
      `cameras: ${this.#part.name} sees by '${name}' alone, and ${problem}`,
      {
        camera: name,
        given: Object.keys(cameras),
      },
    )
  }

  #labelsOf(task: string | undefined): readonly string[] {
    const actions = Object.entries(actionsOf(this.#part.config))
    const labels = actions.filter(([, { head }]) => task === undefined || head === task)
    if (labels.length > 0) return labels.map(([label]) => label)
    const tasks = Object.keys(this.#part.config.heads)
    const near = nearestName(task!, tasks)
    const hint = near === undefined ? '' : ` (did you mean '${near}'?)`
    throw new DataError(
      'deploy/task',
      `${this.#part.name} has no head '${task}'${hint}; its tasks are ${tasks.join(', ')}`,
      { task, tasks },
    )
  }

  /** Measured positions for each label of joints, checked. */
  #positionsOf(
    state: JointState | undefined,
    wanted: readonly string[],
  ): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, readonly number[]>()
    for (const label of wanted) {
      const part = this.#envelopes.get(label)
      if (part === undefined) continue
      if (state !== undefined) found.set(label, positionsOf(state, part.joints))
      else if (part.envelope.needsState)
        throw new DataError(
          'deploy/joint-state',
          'joints: the envelope limits speed or step, for which the measured positions are needed',
          { label },
        )
    }
    return found
  }
}

/** Names for joints that the bundle does not name: by their place. */
function numbered({ config }: ActingPart, head: string): readonly Joint[] {
  const { length } = config.heads[head] as unknown as { readonly length: number }
  return Array.from({ length }, (_, i) => ({ name: `joint ${i + 1}` }))
}

/** Refuse values that are not finite. @throws ActionError `deploy/not-finite`. */
export function requireFinite(
  values: readonly (readonly [label: string, values: readonly number[]])[],
): void {
  const bad = values.find(([, numbers]) => !numbers.every(Number.isFinite))
  if (bad === undefined) return
  const [label, numbers] = bad
  throw new ActionError(
    'deploy/not-finite',
    `the action is refused: the policy predicts ${numbers.join(', ')} for ${label}, which is not finite. Hold the robot where it is`,
    { label, values: numbers.map(String) },
  )
}

function requireLatency({ budget, window }: LatencyOptions): void {
  if (budget !== undefined && !(budget > 0))
    throw new ConfigError('deploy/latency', `latency.budget is ${budget} ms, and must be above 0`, { budget })
  if (window !== undefined && !(Number.isInteger(window) && window > 0))
    throw new ConfigError('deploy/latency', `latency.window is ${window} calls, and must be 1 or more`, {
      window,
    })
}

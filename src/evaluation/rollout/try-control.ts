import { createHash } from 'node:crypto'
import type { ChunkObservation } from '../../deploy/index.ts'
import {
  controlRate,
  type Eyes,
  RobotControl,
  TaskWatch,
  taskTolerances,
  type World,
} from '../../world/index.ts'
import { type ControlPolicy, controlCameras, policyControls } from './control-policy.ts'
import type { Delay } from './delay.ts'
import type { Episode } from './episode.ts'
import type { ControlFrame } from './episode-recorder.ts'
import { type ControlTask, controlTasks, type Outcome } from './outcome.ts'
import type { RolloutPicture } from './policy.ts'
import { carriedOut } from './try-table.ts'

/** Conditions and receivers of an episode under control. */
export interface ControlConditions {
  /** Latency of the policy's answers: while it waits for one, the robot holds its last action. Default: none. */
  readonly delay?: Delay
  /** Receive the first image of the head's camera that the policy sees. */
  readonly onLook?: (pixels: RolloutPicture) => void
  /** Receive what the policy sees and feels and its action, before each step of 1/20 s. */
  readonly onFrame?: (frame: ControlFrame) => void
  /** Receive a call after each step of 1/20 s, with the action. */
  readonly onStep?: (action: readonly number[]) => void
}

/** Outcome of an episode, and SHA-256 of all actions, bit for bit. */
export interface Controlled {
  readonly outcome: Outcome
  readonly actions: string
}

/**
 * Let a policy control the robot until its task is done, or its time is over: success is what the world is like then, see
 * `TaskWatch`.
 */
export async function tryControl(
  world: World,
  policy: ControlPolicy,
  { scene, command, text }: Episode,
  task: ControlTask,
  eyes: Eyes,
  { delay, onLook, onFrame, onStep }: ControlConditions = {},
): Promise<Controlled> {
  const hash = createHash('sha256')
  const outcome = await carriedOut(async () => {
    world.reset(scene)
    policy.reset()
    const stream = policy.stream()
    const control = new RobotControl(world, policyControls(policy))
    const watch = new TaskWatch(world, command)
    let state = watch.now()
    let highest = 0
    let last = control.hold()
    const carryOut = (action: readonly number[]) => {
      onFrame?.({
        cameras: picturesOf(world, policy, eyes, undefined),
        state: control.state(),
        action: [...action],
        numbers: control.numbers,
      })
      control.act(action)
      delay?.tick()
      onStep?.(action)
      state = watch.next()
      highest = Math.max(highest, state.lifted)
    }
    while (!state.done && control.steps < controlTasks[task].steps) {
      const look = () => picturesOf(world, policy, eyes, control.steps === 0 ? onLook : undefined)
      const next = stream.next(lazily(look, { state: control.state(), command: text }))
      const held = last
      const action = delay ? await delay.until(next, () => carryOut(held)) : await next
      hash.update(Float64Array.from(action))
      carryOut(action)
      last = [...action]
    }
    const { done: success, distance, lifted } = state
    const measures = {
      distance,
      seconds: control.steps / controlRate,
      ...(task === 'picking' && { raised: lifted }),
      ...(task === 'putting' && { lifted: Number(highest > taskTolerances.lift) }),
    }
    return { success, measures }
  })
  return { outcome, actions: hash.digest('hex') }
}

/** An observation whose pictures are drawn when a policy looks at them: most steps carry out what was predicted before. */
function lazily(
  look: () => ChunkObservation['cameras'],
  felt: Omit<ChunkObservation, 'cameras'>,
): ChunkObservation {
  let seen: ChunkObservation['cameras'] | undefined
  return {
    ...felt,
    get cameras() {
      seen ??= look()
      return seen
    },
  }
}

function picturesOf(
  world: World,
  { config: { cameras } }: ControlPolicy,
  eyes: Eyes,
  onLook: ControlConditions['onLook'],
): ControlFrame['cameras'] {
  return Object.fromEntries(
    cameras.map((name) => {
      const camera = controlCameras[name]!
      const { width, height, color: data } = world.observe({ ...eyes, camera })
      if (camera === 'head') onLook?.({ width, height, data })
      return [name, { width, height, data }]
    }),
  )
}

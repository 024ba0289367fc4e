import { createHash } from 'node:crypto'
import type { ChunkObservation } from '../../deploy/index.ts'
import { controlRate, type Eyes, RobotControl, TaskWatch, type World } from '../../world/index.ts'
import { type ControlPolicy, controlCameras, controlsBase } from './control-policy.ts'
import type { Episode } from './episode.ts'
import { type ControlTask, controlTasks, type Outcome } from './outcome.ts'
import type { RolloutPicture } from './policy.ts'
import { carriedOut } from './try-table.ts'

/** Receiver of what happens in an episode under control. */
export interface ControlSpectator {
  /** Receive the first image of the head's camera that the policy sees. */
  readonly onLook?: (pixels: RolloutPicture) => void
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
  { onLook, onStep }: ControlSpectator = {},
): Promise<Controlled> {
  const hash = createHash('sha256')
  const outcome = await carriedOut(async () => {
    world.reset(scene)
    policy.reset()
    const stream = policy.stream()
    const control = new RobotControl(world, { base: controlsBase(policy) })
    const watch = new TaskWatch(world, command)
    let state = watch.now()
    while (!state.done && control.steps < controlTasks[task].steps) {
      const look = () => picturesOf(world, policy, eyes, control.steps === 0 ? onLook : undefined)
      const action = await stream.next(lazily(look, { state: control.state(), command: text }))
      hash.update(Float64Array.from(action))
      control.act(action)
      onStep?.(action)
      state = watch.next()
    }
    const { done: success, distance, lifted } = state
    const measures = { distance, seconds: control.steps / controlRate, ...(task === 'picking' && { raised: lifted }) }
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
  onLook: ControlSpectator['onLook'],
): ChunkObservation['cameras'] {
  return Object.fromEntries(
    cameras.map((name) => {
      const camera = controlCameras[name]!
      const { width, height, color: data } = world.observe({ ...eyes, camera })
      if (camera === 'head') onLook?.({ width, height, data })
      return [name, { width, height, data }]
    }),
  )
}

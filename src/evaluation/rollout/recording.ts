import {
  type Camera,
  pointOutOf,
  type RenderScene,
  renderState,
  type Vector3,
  type World,
} from '../../world/index.ts'
import type { Episode } from './episode.ts'
import type { Outcome, RolloutTask } from './outcome.ts'
import type { RolloutPicture } from './policy.ts'
import type { Spectator, TriedEpisode } from './rollout.ts'

/** Recording of one trial: the robot's image, and the motion of the objects. */
export interface Recording {
  readonly task: RolloutTask
  readonly episode: Episode
  readonly outcome: Outcome
  /** First image of the robot, and the box of the commanded object, if the policy predicts one. */
  readonly seen: RolloutPicture
  readonly box?: readonly number[] | undefined
  /** The scene from beside the robot. */
  readonly scene: RenderScene
  /** Poses of the scene's objects at each moment: x, y, z and a rotation row by row, [objects, 12]. */
  readonly frames: readonly Float32Array[]
  readonly framesPerSecond: number
}

/** Approximate seconds between two recorded moments. */
const period = 0.08

/** Number of values of a pose. */
export const poseLength = 12

/** Recorder of trials, up to a limit. */
export class Recorder implements Spectator {
  readonly #keep: (task: RolloutTask, success: boolean) => boolean
  readonly #onRecording: (recording: Recording) => void
  #seen: RolloutPicture | undefined
  #box: readonly number[] | undefined
  #running = new Map<
    RolloutTask,
    { scene: RenderScene; frames: Float32Array[]; last: number; first: number }
  >()

  /**
   * @param keep Function that tells if a trial with this outcome is recorded.
   * @param onRecording Receiver of the recordings.
   */
  constructor(
    keep: (task: RolloutTask, success: boolean) => boolean,
    onRecording: (recording: Recording) => void,
  ) {
    this.#keep = keep
    this.#onRecording = onRecording
  }

  onBegin(): void {
    this.#seen = undefined
    this.#box = undefined
    this.#running.clear()
  }

  onLook(pixels: RolloutPicture, prediction: Readonly<Record<string, readonly number[]>>): void {
    if (this.#seen !== undefined) return
    this.#seen = pixels
    this.#box = prediction.box
  }

  onStep(world: World, task: RolloutTask): void {
    const { time } = world.simulation.data
    const running = this.#running.get(task)
    if (running && time < running.last + period - 1e-6) return
    const scene = running?.scene ?? besideRobot(world)
    const { objects } = renderState(world.simulation, { width: 1, height: 1 })
    const frame = new Float32Array(poseLength * objects.length)
    objects.forEach(({ position, rotation }, i) => {
      frame.set([...position, ...Array.from(rotation)], poseLength * i)
    })
    const frames = [...(running?.frames ?? []), frame]
    this.#running.set(task, { scene, frames, last: time, first: running?.first ?? time })
  }

  onEnd({ episode, outcomes }: TriedEpisode): void {
    for (const [task, { scene, frames, first, last }] of this.#running) {
      const outcome = outcomes[task]
      if (outcome === undefined || this.#seen === undefined || !this.#keep(task, succeeded(outcome))) continue
      const framesPerSecond = (frames.length - 1) / Math.max(period, last - first)
      this.#onRecording({
        task,
        episode,
        outcome,
        seen: this.#seen,
        box: this.#box,
        scene,
        frames,
        framesPerSecond,
      })
    }
  }
}

/** Success in the eyes of an onlooker: a grasp succeeds when the object comes up. */
export const succeeded = ({ success, measures }: Outcome): boolean =>
  measures.lifted === undefined ? success : measures.lifted === 1

/** Position and target of an onlooker, metres in the robot's frame at the beginning. */
const onlookers: Readonly<Record<'table' | 'floor', { from: Vector3; to: Vector3 }>> = {
  table: { from: [1.45, -0.95, 1.35], to: [0.35, 0, 0.85] },
  floor: { from: [-1.3, -1.7, 1.9], to: [1.2, 0.1, 0.35] },
}

function besideRobot(world: World): RenderScene {
  const { simulation } = world
  const { from, to } = onlookers[simulation.scene.setting]
  const scene = renderState(simulation, { width: 320, height: 240 })
  const [eye, goal] = [from, to].map((point) => pointOutOf(simulation.startFrame, point)) as [
    Vector3,
    Vector3,
  ]
  const camera: Camera = { ...scene.camera, position: eye, rotation: lookingAt(eye, goal), verticalFov: 40 }
  return { ...scene, camera }
}

/** Rotation of an upright camera that looks from one point to another. */
function lookingAt(from: Vector3, to: Vector3): Float64Array {
  const back = unit([from[0] - to[0], from[1] - to[1], from[2] - to[2]])
  const right = unit([-back[1], back[0], 0])
  const up = [
    back[1] * right[2] - back[2] * right[1],
    back[2] * right[0] - back[0] * right[2],
    back[0] * right[1] - back[1] * right[0],
  ] as const
  return Float64Array.from([0, 1, 2].flatMap((i) => [right[i]!, up[i]!, back[i]!]))
}

function unit([x, y, z]: Vector3): Vector3 {
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}

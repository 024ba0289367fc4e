import { encodePng, type RenderObject } from '../../world/index.ts'
import { poseLength, type Recording, succeeded } from '../rollout/recording.ts'
import { verdictOf } from '../rollout/verdict.ts'

/** An episode in the page's list. */
export interface WatchedSummary {
  readonly number: number
  readonly task: string
  readonly split: string
  readonly command: string
  readonly success: boolean
  /** Outcome in words. */
  readonly verdict: string
}

/** Data of an episode for the page. */
export interface WatchedEpisode extends WatchedSummary {
  /** First image of the robot as a data URL, and the predicted box. */
  readonly seen: string
  readonly box?: readonly number[] | undefined
  readonly shapes: readonly unknown[]
  readonly camera: {
    readonly position: readonly number[]
    readonly rotation: readonly number[]
    readonly fov: number
  }
  readonly light: readonly number[]
  readonly framesPerSecond: number
  readonly poseLength: number
  /** Poses as float32 [frames, objects, 12] in base 64, little-endian. */
  readonly frames: string
}

/** A line of the page's list. */
export const summaryOf = (recording: Recording, number: number): WatchedSummary => ({
  number,
  task: recording.task,
  split: recording.episode.split,
  command: recording.episode.text,
  success: succeeded(recording.outcome),
  verdict: verdictOf(recording),
})

/** A recording as plain data for the page. */
export async function watchedEpisode(recording: Recording, number: number): Promise<WatchedEpisode> {
  const { scene, frames, seen, box, framesPerSecond } = recording
  const { position, rotation, verticalFov } = scene.camera
  const sun = scene.lights.find((light) => light.kind === 'directional')
  return {
    ...summaryOf(recording, number),
    seen: await pictureUrl(seen),
    box,
    shapes: scene.objects.map(shapeOf),
    camera: { position, rotation: Array.from(rotation), fov: verticalFov },
    light: sun?.direction ?? [0, 0, -1],
    framesPerSecond,
    poseLength,
    frames: Buffer.concat(frames.map(({ buffer }) => Buffer.from(buffer))).toString('base64'),
  }
}

function shapeOf({ shape, material }: RenderObject): unknown {
  const { color, roughness, metalness } = material
  const look = { color, roughness, metalness }
  if (shape.kind !== 'mesh') return { ...shape, ...look }
  return {
    kind: 'mesh',
    positions: Array.from(shape.positions),
    indices: Array.from(shape.indices),
    ...look,
  }
}

async function pictureUrl({ width, height, data }: Recording['seen']): Promise<string> {
  const png = await encodePng({ width, height, color: data })
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

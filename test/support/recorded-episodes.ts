import { LeRobotWriter, type RecordedFeature, type RecordedFrame } from '../../src/data/index.ts'

/** Features of small recordings of tests. */
export const recordedFeatures = {
  'observation.state': { dtype: 'float32', shape: [2], names: ['shoulder', 'elbow'] },
  action: { dtype: 'float32', shape: [2] },
  'observation.images.top': { dtype: 'image', shape: [8, 12, 3] },
} as const satisfies Record<string, RecordedFeature>

/** A picture of noise that differs from frame to frame. */
export function noise(
  seed: number,
  width = 12,
  height = 8,
): { width: number; height: number; data: Uint8Array } {
  let state = seed * 2654435761 + 1
  const data = Uint8Array.from({ length: 3 * width * height }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 24
  })
  return { width, height, data }
}

/** A frame of a sound recording: arms that swing, an action one frame ahead, a picture that changes. */
export function soundFrame(episode: number, frame: number): RecordedFrame {
  const at = (i: number) => [Math.sin(0.3 * i + episode), 0.5 * Math.cos(0.2 * i + 2 * episode)]
  return {
    task: episode % 2 === 0 ? 'push the block' : 'lift the cup',
    'observation.state': at(frame),
    action: at(frame + 1),
    'observation.images.top': noise(1000 * episode + frame),
  }
}

/**
 * Record episodes into a directory.
 * @param frame Frame of an episode; default a sound one.
 */
export async function recordEpisodes(
  directory: string,
  lengths: readonly number[],
  frame: (episode: number, frame: number) => RecordedFrame = soundFrame,
  features: Readonly<Record<string, RecordedFeature>> = recordedFeatures,
): Promise<void> {
  const writer = await LeRobotWriter.open(directory, { fps: 10, features, videoCodec: 'h264' })
  const first = writer.episodes
  for (const [i, length] of lengths.entries()) {
    for (let at = 0; at < length; at++) await writer.addFrame(frame(first + i, at))
    await writer.saveEpisode()
  }
  await writer.close()
}

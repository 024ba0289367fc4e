import { z } from 'zod'
import type { DataError } from '../../../core/index.ts'
import type { SampleCamera } from '../../sample.ts'
import { badSample } from '../bad-sample.ts'
import type { Found } from '../pass.ts'
import { type TabletopSetting, type TabletopSplit, tabletopSettings } from './description.ts'

const command = z.object({
  captions: z.array(z.string().min(1)).min(1),
  heldOutCaptions: z.array(z.string().min(1)).min(1).optional(),
  target: z.number().int().min(0),
  labels: z.record(z.string(), z.array(z.number())),
  complexity: z.object({ objects: z.number(), task: z.number(), scene: z.number() }),
})

const frame = z.object({
  position: z.array(z.number()).length(3),
  rotation: z.array(z.number()).length(9),
})
const camera = frame.extend({ verticalFov: z.number() })

const scene = z.object({
  setting: z.enum(tabletopSettings),
  /** Poses of camera and robot in the world. At the table the robot stands at the world's origin. */
  camera: camera.optional(),
  robot: frame.optional(),
  commands: z.array(command),
})

/** Choice of the commands that become samples, and of their words. */
export interface Choice {
  readonly split: TabletopSplit
  readonly setting?: TabletopSetting | undefined
}

/**
 * Samples of one scene: one for each command, all with the same image. A command without the phrasing of the split
 * becomes an error, since the words of training are no test of held-out phrasings.
 * @param key Number of the scene in its split, as in the names of its files.
 * @throws DataError `data/malformed-json` that names shard and scene.
 */
export function sceneSamples(
  key: string,
  image: Uint8Array,
  json: Uint8Array,
  shard: string,
  { split, setting }: Choice,
): Found[] {
  const { commands, ...seen } = parseScene(key, json, shard)
  if (setting !== undefined && setting !== seen.setting) return []
  const camera = cameraOf(seen)
  return commands.map(({ captions: trained, heldOutCaptions, target, labels, complexity }, number) => {
    const captions = split === 'heldOutPhrasings' ? heldOutCaptions : trained
    if (captions === undefined) {
      return malformed(key, shard, `command ${number} has no heldOutCaptions, which this split reads`)
    }
    return {
      id: `${split}/${key}/${number}`,
      image: { bytes: image },
      captions,
      origin: { file: shard },
      concept: `${split}/${key}/thing${target}`,
      labels,
      complexity,
      ...(camera && { camera }),
    }
  })
}

/** Camera in the robot's frame; undefined when the file has no pose of the robot. */
function cameraOf({
  setting,
  camera,
  robot,
}: Omit<z.output<typeof scene>, 'commands'>): SampleCamera | undefined {
  if (camera === undefined || robot === undefined) return setting === 'table' ? camera : undefined
  const away = camera.position.map((coordinate, i) => coordinate - robot.position[i]!)
  /** Coordinates of a vector along the robot's axes. */
  const turned = (vector: readonly number[]) =>
    [0, 1, 2].map((axis) => vector.reduce((sum, part, i) => sum + robot.rotation[3 * i + axis]! * part, 0))
  const columns = [0, 1, 2].map((column) => turned([0, 3, 6].map((row) => camera.rotation[row + column]!)))
  const rotation = [0, 1, 2].flatMap((row) => columns.map((column) => column[row]!))
  return { position: turned(away), rotation, verticalFov: camera.verticalFov }
}

function parseScene(key: string, json: Uint8Array, shard: string): z.output<typeof scene> {
  try {
    return scene.parse(JSON.parse(new TextDecoder().decode(json)))
  } catch (cause) {
    const problem = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message
    throw malformed(key, shard, problem, cause)
  }
}

const malformed = (key: string, shard: string, problem: string, cause?: unknown): DataError =>
  badSample('data/malformed-json', `${shard}, scene ${key}`, problem, { file: shard, key }, { cause })

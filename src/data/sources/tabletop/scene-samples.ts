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
  /** Both in the world. At the table the robot stands at its origin. */
  camera: camera.optional(),
  robot: frame.optional(),
  commands: z.array(command),
})

/** Which commands become samples, and in whose words. */
export interface Choice {
  readonly split: TabletopSplit
  readonly setting?: TabletopSetting | undefined
}

/**
 * The samples of one scene: one for each command, all with the same picture. In its place an error stands for a command
 * without what the split asks for: what is said in training is no test of held-out phrasings.
 * @param key Number of the scene in its split, as its files are named.
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

/** The camera in the robot's frame; undefined where the file does not say where the robot stands. */
function cameraOf({
  setting,
  camera,
  robot,
}: Omit<z.output<typeof scene>, 'commands'>): SampleCamera | undefined {
  if (camera === undefined || robot === undefined) return setting === 'table' ? camera : undefined
  const away = camera.position.map((coordinate, i) => coordinate - robot.position[i]!)
  /** Of a vector along the robot's axes. */
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

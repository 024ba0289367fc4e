import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CheckpointError, float32, type HostArray, readSafetensors } from '../../core/index.ts'
import type { ArrayStatistics } from '../../data/sample.ts'
import { parseFile, readJson } from '../json-file.ts'

/** Names of LeRobot's files of processors, without their ending. */
export const processorNames = { before: 'policy_preprocessor', after: 'policy_postprocessor' } as const

const processor = z.object({
  steps: z.array(
    z.object({
      registry_name: z.string(),
      config: z.record(z.string(), z.unknown()).prefault({}),
      state_file: z.string().optional(),
    }),
  ),
})

/** Statistics by the keys of features. */
export type Statistics = Readonly<Record<string, ArrayStatistics>>

const statisticNames = ['min', 'max', 'mean', 'std', 'q01', 'q99'] as const

/**
 * Statistics of a checkpoint of LeRobot's: those of the normalizer among its processors or, in older ones, those among its weights.
 * @throws CheckpointError `bundle/missing` where there are none.
 */
export function readStatistics(directory: string): Statistics {
  const file = join(directory, `${processorNames.before}.json`)
  if (!existsSync(file)) return readOlder(directory)
  const { steps } = parseFile(processor, readJson(file), file, 'bundle/config')
  const normalizer = steps.find(({ registry_name }) => registry_name === 'normalizer_processor')
  if (!normalizer?.state_file)
    throw missing(directory, `${file} has no step normalizer_processor with a state_file`)
  const { tensors } = readSafetensors(join(directory, normalizer.state_file))
  return grouped([...tensors].map(([name, array]) => [...cut(name), array] as const))
}

/** Statistics that stand among the weights: `normalize_inputs.buffer_observation_state.mean`. */
function readOlder(directory: string): Statistics {
  const file = join(directory, 'model.safetensors')
  const buffer = /^normalize_(?:inputs|targets)\.buffer_(.+)\.(\w+)$/
  const { tensors } = readSafetensors(file, (name) => buffer.test(name))
  if (tensors.size === 0)
    throw missing(
      directory,
      `there is no ${processorNames.before}.json, and no statistics stand among the weights`,
    )
  return grouped(
    [...tensors].map(([name, array]) => {
      const [, key, statistic] = buffer.exec(name) as unknown as readonly [string, string, string]
      return [dotted(key), statistic, array] as const
    }),
  )
}

/** `observation_images_top` → `observation.images.top`; names of cameras with an underscore keep it. */
const dotted = (key: string): string =>
  key.replace(/^observation_(images_)?/, (_, images) => `observation.${images ? 'images.' : ''}`)

const cut = (name: string): readonly [key: string, statistic: string] => {
  const at = name.lastIndexOf('.')
  return [name.slice(0, at), name.slice(at + 1)]
}

function grouped(
  found: readonly (readonly [key: string, statistic: string, array: HostArray])[],
): Statistics {
  const byKey: Record<string, Record<string, number[]>> = {}
  for (const [key, statistic, { data }] of found)
    if ((statisticNames as readonly string[]).includes(statistic))
      byKey[key] = { ...byKey[key], [statistic]: Array.from(data as ArrayLike<number>, Number) }
  const empty = { min: [], max: [], mean: [], std: [] }
  return Object.fromEntries(Object.entries(byKey).map(([key, values]) => [key, { ...empty, ...values }]))
}

const missing = (directory: string, problem: string): CheckpointError =>
  new CheckpointError(
    'bundle/missing',
    `${directory}: the statistics by which the policy normalizes are missing: ${problem}. Save policy and processors together (save_pretrained of each)`,
    { directory },
  )

/** Tensors of statistics under LeRobot's flat names; of pictures [channels, 1, 1]. */
export function statisticTensors(
  statistics: Statistics,
  cameras: readonly string[],
): Map<string, HostArray<'float32'>> {
  const tensors = new Map<string, HostArray<'float32'>>()
  for (const [key, values] of Object.entries(statistics))
    for (const name of statisticNames) {
      const row = values[name]
      if (!row || row.length === 0) continue
      tensors.set(`${key}.${name}`, float32(cameras.includes(key) ? [row.length, 1, 1] : [row.length], row))
    }
  return tensors
}

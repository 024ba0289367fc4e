import { join } from 'node:path'
import { CheckpointError } from '../../core/index.ts'
import { Tokenizer } from '../../data/text/index.ts'
import { type ChunkPolicyConfig, chunkKeys } from '../../models/index.ts'
import type { ImageProcessing } from '../image-processing.ts'
import { readJson } from '../json-file.ts'
import { fromActConfig, isLeRobotConfig } from './act-config.ts'
import { readStatistics, type Statistics } from './processor-files.ts'

/** Tell a folder that LeRobot's `save_pretrained` wrote. */
export const isLeRobotFolder = (directory: string): boolean =>
  isLeRobotConfig(readJson(join(directory, 'config.json')))

/**
 * The config of a checkpoint of LeRobot's ACT, with its statistics.
 * @throws CheckpointError `bundle/model-type`, `bundle/config`, `bundle/missing`.
 */
export function readLeRobotConfig(directory: string): ChunkPolicyConfig {
  const file = join(directory, 'config.json')
  const { config } = fromActConfig(readJson(file), file)
  const all = readStatistics(directory)
  const own = Object.entries(all).filter(([key]) => key === chunkKeys.state || key === chunkKeys.action)
  return { ...config, statistics: Object.fromEntries(own) }
}

/**
 * The processing of its pictures: as they come, normalized by the checkpoint's statistics.
 * @throws CheckpointError `bundle/image-processing` for cameras with different statistics.
 */
export function readLeRobotImages(directory: string): ImageProcessing {
  const file = join(directory, 'config.json')
  const { config, visual } = fromActConfig(readJson(file), file)
  const { mean, std } =
    visual === 'IDENTITY' ? untouched : sharedStatistics(readStatistics(directory), config, file)
  return { size: config.vision_config.image_size, fit: 'contain', background: [0, 0, 0], mean, std }
}

type Triple = readonly [number, number, number]

const untouched = { mean: [0, 0, 0] as Triple, std: [1, 1, 1] as Triple }

function sharedStatistics(statistics: Statistics, { cameras }: ChunkPolicyConfig, file: string) {
  const found = cameras.map((name) => {
    const { mean = [], std = [] } = statistics[name] ?? {}
    return { mean, std }
  })
  const [first = untouched] = found
  const isTriple = first.mean.length === 3 && first.std.length === 3
  if (isTriple && found.every((each) => JSON.stringify(each) === JSON.stringify(first)))
    return { mean: first.mean as unknown as Triple, std: first.std as unknown as Triple }
  throw new CheckpointError(
    'bundle/image-processing',
    `${file}: the cameras ${cameras.join(', ')} need one mean and deviation for all, of three channels each; train with ImageNet's statistics ` +
      '(dataset.use_imagenet_stats)',
    { file, cameras },
  )
}

/** The tokenizer of a policy that reads no commands: it has one token. */
export const noWords = (): Tokenizer =>
  Tokenizer.fromJson(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [
        {
          id: 0,
          content: end,
          single_word: false,
          lstrip: false,
          rstrip: false,
          normalized: false,
          special: true,
        },
      ],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', unk_token: end, vocab: { [end]: 0 }, merges: [] },
    },
    { pad_token: end, unk_token: end },
  )

const end = '<|endoftext|>'

import { join, resolve } from 'node:path'
import { float32, writeDirectoryAtomic, writeFileAtomic, writeSafetensors } from '../../core/index.ts'
import { chunkKeys, isChunkPolicy, sinusoids } from '../../models/index.ts'
import type { Bundle } from '../bundle.ts'
import { requireChunkPolicy } from '../chunks/chunk-policy.ts'
import { requireReplaceable } from '../replaceable.ts'
import { requireFit } from '../weights.ts'
import { toActConfig } from './act-config.ts'
import { processorNames, type Statistics, statisticTensors } from './processor-files.ts'

/** Files of a checkpoint of LeRobot's. */
const files = {
  config: 'config.json',
  weights: 'model.safetensors',
  before: `${processorNames.before}.json`,
  after: `${processorNames.after}.json`,
  normalizer: `${processorNames.before}_step_3_normalizer_processor.safetensors`,
  unnormalizer: `${processorNames.after}_step_0_unnormalizer_processor.safetensors`,
} as const

/**
 * Write a policy as a checkpoint that LeRobot's `ACTPolicy.from_pretrained` and `make_pre_post_processors` load.
 * @throws CheckpointError `bundle/model-type`, or `bundle/config` naming what LeRobot's ACT does not have; ConfigError
 * `bundle/not-a-bundle` for a folder that holds anything else.
 */
export async function writeLeRobotPolicy(directory: string, bundle: Bundle): Promise<void> {
  const target = resolve(directory)
  const { model } = requireChunkPolicy(bundle, target)
  const { config } = model
  const content = toActConfig(config, target)
  requireReplaceable(target, (file) => Object.values<string>(files).includes(file))
  const weights = new Map(requireFit(bundle.weights, model, target))
  if (config.head === 'act') {
    const length = config.chunk_size + 1 + (config.state_size > 0 ? 1 : 0)
    const { data } = sinusoids(length, config.dim_model)
    weights.set('model.vae_encoder_pos_enc', float32([1, length, config.dim_model], data))
  }
  const tensors = statisticTensors(statisticsOf(bundle), config.cameras)
  const outputs = new Map([...tensors].filter(([name]) => name.startsWith(`${chunkKeys.action}.`)))
  await writeDirectoryAtomic(target, (temporary) => {
    const json = (name: string, value: object) =>
      writeFileAtomic(join(temporary, name), `${JSON.stringify(value, undefined, 4)}\n`)
    json(files.config, content)
    json(files.before, before(content))
    json(files.after, after(content))
    writeSafetensors(join(temporary, files.weights), weights, { format: 'pt' })
    writeSafetensors(join(temporary, files.normalizer), tensors)
    writeSafetensors(join(temporary, files.unnormalizer), outputs)
  })
}

/** Statistics of states, actions and pictures. */
function statisticsOf({ model, image }: Bundle): Statistics {
  if (!isChunkPolicy(model)) return {}
  const { cameras, statistics } = model.config
  const picture = { mean: [...image.mean], std: [...image.std], min: [0, 0, 0], max: [1, 1, 1] }
  return { ...statistics, ...Object.fromEntries(cameras.map((name) => [name, picture])) }
}

type Content = {
  readonly input_features?: object
  readonly output_features?: object
  readonly normalization_mapping?: object
}

const before = ({ input_features, output_features, normalization_mapping }: Content) => ({
  name: processorNames.before,
  steps: [
    { registry_name: 'rename_observations_processor', config: { rename_map: {} } },
    { registry_name: 'to_batch_processor', config: {} },
    { registry_name: 'device_processor', config: { device: 'cpu', float_dtype: null } },
    {
      registry_name: 'normalizer_processor',
      config: {
        eps: 1e-8,
        features: { ...input_features, ...output_features },
        norm_map: normalization_mapping,
      },
      state_file: files.normalizer,
    },
  ],
})

const after = ({ output_features, normalization_mapping }: Content) => ({
  name: processorNames.after,
  steps: [
    {
      registry_name: 'unnormalizer_processor',
      config: { eps: 1e-8, features: output_features, norm_map: normalization_mapping },
      state_file: files.unnormalizer,
    },
    { registry_name: 'device_processor', config: { device: 'cpu', float_dtype: null } },
  ],
})

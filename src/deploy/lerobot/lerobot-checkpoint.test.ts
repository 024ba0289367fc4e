import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { float32, type HostArray, readSafetensors, sizeOf, writeSafetensors } from '../../core/index.ts'
import { buildModel, type ChunkPolicyConfig } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { readBundle, readImageProcessing, readModelConfig } from '../read-bundle.ts'
import { noWords } from './read-lerobot.ts'
import { writeLeRobotPolicy } from './write-lerobot.ts'

// Files of LeRobot 0.4.4: test/golden/act/make.py.
const golden = 'test/golden/act/checkpoint'

const home = mkdtempSync(join(tmpdir(), 'visuomotor-lerobot-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const temporary = () => mkdtempSync(join(home, 'checkpoint-'))
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))

/** Zeros for all weights, but one number for each tensor. */
function weightsOf(config: ChunkPolicyConfig): Map<string, HostArray<'float32'>> {
  return new Map(
    [...namedParameters(buildModel(config))].map(([name, { shape }], i) => {
      const data = new Float32Array(sizeOf(shape))
      data[0] = i + 1
      return [name, float32(shape, data)] as const
    }),
  )
}

describe('a checkpoint of LeRobot’s ACT', () => {
  it('is read with its statistics', () => {
    const config = readModelConfig(golden) as ChunkPolicyConfig
    expect(config).toMatchObject({
      head: 'act',
      cameras: ['observation.images.top', 'observation.images.wrist'],
      state_size: 3,
      action_size: 2,
      chunk_size: 4,
      normalization_mapping: { STATE: 'MEAN_STD', ACTION: 'MIN_MAX' },
      degenerate_statistics: 'epsilon',
    })
    expect(config.statistics['observation.state']!.std).toEqual([0.5, 1.5, 2])
    expect(config.statistics.action!.max).toEqual([2, 1])
    const { size, mean } = readImageProcessing(golden)
    expect(size).toBe(40)
    expect(mean[0]).toBeCloseTo(0.485, 6)
  })

  it('is written as LeRobot writes it, and read again', async () => {
    const config = readModelConfig(golden) as ChunkPolicyConfig
    const weights = weightsOf(config)
    const image = readImageProcessing(golden)
    const to = join(temporary(), 'policy')
    await writeLeRobotPolicy(to, { model: buildModel(config), tokenizer: noWords(), image, weights })
    const [ours, theirs] = [json(to, 'config.json'), json(golden, 'config.json')]
    for (const key of Object.keys(ours)) expect(ours[key], key).toEqual(theirs[key])
    for (const file of ['policy_preprocessor.json', 'policy_postprocessor.json'])
      expect(json(to, file)).toEqual(json(golden, file))
    const state = 'policy_preprocessor_step_3_normalizer_processor.safetensors'
    const written = readSafetensors(join(to, state)).tensors
    for (const name of ['observation.state.mean', 'action.min', 'observation.images.top.std'])
      expect(written.get(name)).toEqual(readSafetensors(join(golden, state)).tensors.get(name))
    const again = readBundle(to)
    expect(again.model.config).toEqual(config)
    expect(again.leftOut).toEqual(['model.vae_encoder_pos_enc'])
    expect(again.weights.get('model.action_head.bias')).toEqual(weights.get('model.action_head.bias'))
  })

  it('may have pictures that are no squares: the middle of a square is seen', () => {
    const directory = temporary()
    cpSync(golden, directory, { recursive: true })
    const content = json(golden, 'config.json')
    for (const key of ['top', 'wrist'])
      content.input_features[`observation.images.${key}`].shape = [3, 48, 64]
    writeFileSync(join(directory, 'config.json'), JSON.stringify(content))
    const { vision_config } = readModelConfig(directory) as ChunkPolicyConfig
    expect(vision_config).toMatchObject({ image_size: 64, crop: [48, 64] })
  })

  it('has its statistics among the weights where it is older', () => {
    const directory = temporary()
    writeFileSync(join(directory, 'config.json'), readFileSync(join(golden, 'config.json')))
    const tensors = new Map([
      ['normalize_inputs.buffer_observation_state.mean', float32([3], [1, 2, 3])],
      ['normalize_inputs.buffer_observation_state.std', float32([3], [4, 5, 6])],
      ['normalize_targets.buffer_action.min', float32([2], [-1, -2])],
      ['normalize_targets.buffer_action.max', float32([2], [1, 2])],
    ])
    writeSafetensors(join(directory, 'model.safetensors'), tensors)
    const { statistics } = readModelConfig(directory) as ChunkPolicyConfig
    expect(statistics['observation.state']!.std).toEqual([4, 5, 6])
    expect(statistics.action!.min).toEqual([-1, -2])
  })
})

describe('a clear error', () => {
  const changed = (change: (content: ReturnType<typeof json>) => void): string => {
    const directory = temporary()
    cpSync(golden, directory, { recursive: true })
    const content = json(golden, 'config.json')
    change(content)
    writeFileSync(join(directory, 'config.json'), JSON.stringify(content))
    return directory
  }

  it('names the type of another policy', () => {
    const directory = changed((content) => {
      content.type = 'smolvla'
    })
    expect(() => readModelConfig(directory)).toThrow(
      expect.objectContaining({ code: 'bundle/model-type', message: expect.stringContaining("'smolvla'") }),
    )
  })

  it('names inputs that our policies do not have, and keys of another ResNet', () => {
    const directory = changed((content) => {
      content.input_features['observation.environment_state'] = { type: 'ENV', shape: [4] }
    })
    expect(() => readModelConfig(directory)).toThrow(/observation\.environment_state/)
    const deeper = changed((content) => {
      content.vision_backbone = 'resnet34'
    })
    expect(() => readModelConfig(deeper)).toThrow(/vision_backbone/)
  })

  it('says what LeRobot’s ACT does not have', async () => {
    const config = { ...(readModelConfig(golden) as ChunkPolicyConfig), head: 'flow' as const }
    const bundle = { model: buildModel(config), tokenizer: noWords(), image: readImageProcessing(golden) }
    await expect(
      writeLeRobotPolicy(join(temporary(), 'no'), { ...bundle, weights: new Map() }),
    ).rejects.toThrow(/head is flow/)
  })
})

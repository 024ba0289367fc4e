import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { CheckpointError, float32, readSafetensors, writeSafetensors } from '../../core/index.ts'
import type { EncodedDataset } from '../../training/index.ts'
import type { Variation } from './subject.ts'

/** All that decides the features of a data set. */
export interface FeatureKey {
  /** Name of the data set. */
  readonly name: string
  /** SHA-256 of the model, and of the data. */
  readonly model: string
  readonly data: string
  readonly variation: Variation | undefined
  readonly seed: number
}

const rows = z.object({
  imageIds: z.array(z.string()),
  imageConcepts: z.array(z.string()),
  textIds: z.array(z.string()),
  textCaptions: z.array(z.number()),
  textConcepts: z.array(z.array(z.string())),
  width: z.number(),
})

/**
 * A folder that keeps features for later suites, a safetensors file each. Features of another model, of changed data or of
 * another variation are not used, and that is told.
 */
export class FeatureStore {
  readonly #directory: string
  readonly #note: (text: string) => void

  constructor(directory: string, note: (text: string) => void) {
    this.#directory = directory
    this.#note = note
  }

  /** Kept features; undefined where there are none of this model and this data. */
  read(key: FeatureKey): EncodedDataset | undefined {
    const file = this.#fileOf(key)
    if (!existsSync(file)) return void this.#tellOthers(key)
    try {
      const { tensors, metadata } = readSafetensors(file)
      const reason = changeOf(key, metadata)
      if (reason !== undefined)
        return void this.#note(`${file} is of ${reason}: its features are computed again`)
      const [images, texts] = [tensors.get('images')!, tensors.get('texts')!]
      return {
        ...rows.parse(JSON.parse(metadata.rows ?? '')),
        imageFeatures: images.data as Float32Array,
        textFeatures: texts.data as Float32Array,
      }
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof SyntaxError || error instanceof z.ZodError))
        throw error
      this.#note(`${file} is damaged: its features are computed again`)
      return undefined
    }
  }

  /** Keep features. @throws FileError of `writeFileAtomic`. */
  write(key: FeatureKey, { imageFeatures, textFeatures, ...others }: EncodedDataset): void {
    const array = (values: Float32Array) => float32([values.length / others.width, others.width], values)
    writeSafetensors(
      this.#fileOf(key),
      [
        ['images', array(imageFeatures)],
        ['texts', array(textFeatures)],
      ],
      { ...factsOf(key), rows: JSON.stringify(others) },
    )
  }

  #fileOf({ name, model, variation, seed }: FeatureKey): string {
    const changed = variation ? `.${variation.name}.${digestOf([variation, seed]).slice(0, 8)}` : ''
    return join(this.#directory, `${fileName(name)}${changed}.${model.slice(0, 12)}.safetensors`)
  }

  #tellOthers({ name, model }: FeatureKey): void {
    const names = existsSync(this.#directory) ? readdirSync(this.#directory) : []
    const isOther = (file: string) =>
      file.startsWith(`${fileName(name)}.`) && !file.includes(model.slice(0, 12))
    if (names.some(isOther))
      this.#note(
        `${this.#directory} keeps features of '${name}' by other models; those of this one are computed`,
      )
  }
}

const fileName = (name: string): string => name.replace(/[^\p{L}\p{N}._-]/gu, '_')

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

const factsOf = ({ model, data, variation, seed }: FeatureKey): Record<string, string> => ({
  model,
  data,
  variation: variation ? digestOf([variation, seed]) : 'none',
})

/** The first fact that has changed since features were kept. */
function changeOf(key: FeatureKey, kept: Readonly<Record<string, string>>): string | undefined {
  const changed = Object.entries(factsOf(key)).find(([fact, value]) => kept[fact] !== value)
  if (!changed) return undefined
  return changed[0] === 'model' ? 'another model' : changed[0] === 'data' ? 'other data' : 'another variation'
}

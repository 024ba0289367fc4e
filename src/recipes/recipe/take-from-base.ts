import { takesSize } from '../../data/index.ts'
import {
  type ImageProcessing,
  readAdapter,
  readImageProcessing,
  readModelConfig,
} from '../../deploy/index.ts'
import { familyOf, type ModelConfig, withTowersOf } from '../../models/index.ts'
import type { Registry } from './registry.ts'

type Container = Readonly<Record<string, unknown>>

/**
 * A recipe's input with what it leaves out and its base knows: `model` or parts of it, `images`, the size of crops,
 * `normalize`; and of an adapter to begin with its options. What it says itself stays, and is compared with the base when the base is opened.
 * @throws CheckpointError of `readModelConfig` and `readImageProcessing` for a base that cannot be read.
 */
export function takeFromBase(input: unknown, registry: Registry): unknown {
  if (!isContainer(input) || typeof input.base !== 'string') return input
  const base = readModelConfig(input.base, registry)
  const image = readImageProcessing(input.base, registry)
  return {
    ...input,
    model: modelOf(input.model, base, registry),
    images: isContainer(input.images ?? {})
      ? { ...fittingOf(image), ...(input.images as object) }
      : input.images,
    augment: Array.isArray(input.augment ?? []) ? transformsOf(input.augment as [], image) : input.augment,
    ...(isContainer(input.lora) && { lora: loraOf(input.lora) }),
  }
}

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The model that a recipe describes in part, on a base. A model of towers that do not fit is left as it is. */
function modelOf(said: unknown, base: ModelConfig, { families }: Registry): unknown {
  if (said === undefined) return base
  if (!isContainer(said)) return said
  const { model_type = base.model_type } = said as Partial<ModelConfig>
  const whole = { ...said, model_type }
  const family = Object.hasOwn(families, model_type) ? families[model_type] : undefined
  if (family?.towers.name !== familyOf(base.model_type, families).towers.name) return whole
  // What a recipe says may be no model without the base's sizes, such as a width that the usual heads do not divide.
  const own = [whole, merged({ ...base }, whole)].map((config) => family.schema.safeParse(config))
  const config = own.find(({ success }) => success)?.data
  return config ? merged({ ...withTowersOf(config, base, families) }, whole) : whole
}

/**
 * Keys of a config that the tokenizer decides, which is the base's: what a recipe says of them, as the functions that make
 * configs do by their defaults, means nothing.
 */
const vocabularyKeys = ['vocab_size', 'bos_token_id', 'eos_token_id', 'pad_token_id']

/** `given` with the values of `said`, at any depth. */
const merged = (given: Container, said: Container): Container => ({
  ...given,
  ...Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => {
      const before = given[key]
      if (before !== undefined && vocabularyKeys.includes(key)) return []
      return [[key, isContainer(before) && isContainer(value) ? merged(before, value) : value]]
    }),
  ),
})

/** Adapters with the options of the one that they begin with, as far as a recipe leaves them out. */
function loraOf(said: Container): Container {
  if (typeof said.adapter !== 'string') return said
  const { dropout: _, ...options } = readAdapter(said.adapter).options
  return { ...options, ...said }
}

const fittingOf = ({ fit, cropFraction, kernel, background }: ImageProcessing) => ({
  fit,
  ...(background.some((value) => value !== 1) && { background }),
  ...(cropFraction !== undefined && { cropFraction }),
  ...(kernel !== undefined && { kernel }),
})

/** The transforms at the base's size, with its normalization at the end where they have none. */
function transformsOf(list: readonly Container[] = [], { size, mean, std }: ImageProcessing): unknown[] {
  const sized = list.map((transform) =>
    isContainer(transform) && takesSize(transform.kind) ? { size, ...transform } : transform,
  )
  const isPlain = mean.every((value) => value === 0) && std.every((value) => value === 1)
  if (isPlain || list.some((transform) => transform?.kind === 'normalize')) return sized
  return [...sized, { kind: 'normalize', mean, std }]
}

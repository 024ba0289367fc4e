import { ConfigError, isRun, nameGroups, type WeightDType } from '../../core/index.ts'
import {
  type CheckpointChoice,
  type FrameSize,
  leftOutNote,
  readBundle,
  writeAdapter,
  writeBundle,
  writeLeRobotPolicy,
} from '../../deploy/index.ts'
import { buildModel, isAdapter } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { withoutTeachers } from '../recipe/distillation.ts'
import { adaptersOf, lora } from '../recipe/lora.ts'
import { trainedNames } from '../recipe/parameter-rules.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import { readRecipe } from './directory.ts'
import { readWiseFt } from './wise-ft.ts'

/** Options of an export. */
export interface ExportOptions {
  readonly checkpoint?: CheckpointChoice | undefined
  /** Precision of the weights; `auto` is that of the base. Default: float32. */
  readonly dtype?: WeightDType | 'auto' | undefined
  /**
   * Largest rank of adapters that the bundle takes as inputs; it holds the base then, without a run's own adapters. They
   * have room at the linear maps of these, else at all q_proj and v_proj. Default: no room.
   */
  readonly adapterSlots?: number | undefined
  /** Weights between the base of a run, at 0, and the run, at 1: see `interpolateWeights`. Default: the run's. */
  readonly wiseFt?: number | undefined
  /** Size of the frames of a policy's camera: see `writeBundle`. Default: the size of the model's images. */
  readonly camera?: FrameSize | undefined
}

/**
 * Write the model of a run, bundle or Hugging Face folder as a bundle.
 * @returns Sentences for people.
 * @throws ConfigError `config/wise-ft` for `wiseFt` together with `adapterSlots`; errors of `readBundle` and `writeBundle`.
 */
export async function exportBundle(
  from: string,
  to: string,
  { checkpoint, dtype = 'float32', adapterSlots: rank, wiseFt, camera }: ExportOptions = {},
  registry: Registry = builtIn,
): Promise<readonly string[]> {
  if (wiseFt !== undefined && rank !== undefined)
    throw new ConfigError(
      'config/wise-ft',
      'room for adapters is in a bundle of the base: leave wiseFt or adapterSlots out',
      {
        run: from,
      },
    )
  const bundle =
    wiseFt === undefined
      ? readBundle(from, { checkpoint, ...registry })
      : readWiseFt(from, wiseFt, registry, checkpoint)
  const note = leftOutNote(from, bundle)
  const { adapter, weights } = bundle
  const { targetModules } = adapter?.options ?? lora.parse({})
  await writeBundle(
    to,
    { ...bundle, weights: rank === undefined ? weights : (adapter?.baseWeights ?? weights) },
    {
      ...registry,
      dtype: dtype === 'auto' ? bundle.dtype : dtype,
      camera,
      ...(rank !== undefined && { slots: { rank, targetModules } }),
    },
  )
  return note === undefined ? [] : [note]
}

/**
 * Write a policy that acts in chunks as a checkpoint of LeRobot's ACT.
 * @throws Errors of `readBundle` and `writeLeRobotPolicy`.
 */
export const exportLeRobot = (
  from: string,
  to: string,
  { checkpoint }: Pick<ExportOptions, 'checkpoint'> = {},
  registry: Registry = builtIn,
): Promise<void> => writeLeRobotPolicy(to, readBundle(from, { checkpoint, ...registry }))

/**
 * Write the adapters of a run, without its base, as Python's `peft` reads them.
 * @throws ConfigError `config/lora` for a run without adapters, or one that trained more than them; errors of
 * `readBundle`.
 */
export async function exportAdapter(
  run: string,
  to: string,
  { checkpoint }: Pick<ExportOptions, 'checkpoint'> = {},
  registry: Registry = builtIn,
): Promise<void> {
  const { adapter, model } = readBundle(run, { checkpoint, ...registry })
  if (!adapter || !isRun(run))
    throw new ConfigError('config/lora', `${run} is no run with adapters (lora); export it as a bundle`, {
      run,
    })
  const recipe = withoutTeachers(readRecipe(run, registry))
  const adapted = buildModel(model.config, { families: registry.families, adapters: adaptersOf(recipe) })
  const trained = trainedNames(recipe, { parameters: namedParameters(adapted) })
  const others = trained.filter((name) => !isAdapter(name))
  if (others.length > 0)
    throw new ConfigError(
      'config/lora',
      `${run} trained more than its adapters, which an adapter's folder does not hold: ${nameGroups(others, []).join(', ')}. ` +
        'Export it as a bundle, which has everything',
      { run, parameters: others },
    )
  await writeAdapter(to, adapter)
}

import type { LoaderOptions } from '../../data/index.ts'
import { inPieces, type OutputsOf } from '../../training/index.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import type { TextSettings } from '../run/batches.ts'
import type { ResolvedRecipe } from '../run/resolve.ts'
import { augmentationsOf, outputsOfStore, type StoreProgress } from './store.ts'
import { inputsOfTeachers } from './teacher-inputs.ts'

/** Most samples in one pass through a teacher. */
const passSize = 128

/** The teachers of a run beside its training batches. */
export interface TaughtBatches {
  /** Options of the loader, with the inputs of live teachers. */
  readonly options: LoaderOptions
  /** Sentences for people about the teachers. */
  readonly notes: readonly string[]
  /**
   * Functions that give the outputs of the teachers for the batches: live, or from their store, which is made first.
   * @throws Errors of the teachers' runtimes and of `outputsOfStore`.
   */
  outputs(progress?: StoreProgress): Promise<OutputsOf[]>
}

/** Prepare the training batches of a run with teachers. @param options Of the loader, for the student alone. */
export function taughtBatches(
  { recipe, registry, teachers }: ResolvedRecipe,
  text: TextSettings,
  options: LoaderOptions,
): TaughtBatches {
  const { loader, inputs, notes } = inputsOfTeachers(teachers, recipe, text, registry)
  const augmentations = augmentationsOf(recipe)
  const withInputs = {
    ...options,
    augmentations,
    images: loader.images,
    texts: { ...options.texts, ...loader.texts },
  }
  const live = async (): Promise<OutputsOf[]> => {
    const { device, threads } = recipe.machine
    const row = objectiveOf(recipe, registry).distillation
    const load = { device, families: registry.families, ...(threads !== undefined && { threads }) }
    const { microSize = passSize, size } = recipe.batches
    const outputs: OutputsOf[] = []
    for (const [index, teacher] of teachers.entries())
      if (row)
        outputs.push(
          inPieces(await row.load(teacher, inputs[index]!, load), Math.min(microSize, size, passSize)),
        )
    return outputs
  }
  if (!augmentations) return { options: withInputs, notes, outputs: live }
  return {
    options: { ...options, augmentations },
    notes: [...notes, noteOf(recipe, augmentations.count)],
    outputs: async (progress) => [
      await outputsOfStore(recipe, teachers, withInputs, registry, live, progress),
    ],
  }
}

const noteOf = ({ epochs, distillation }: ResolvedRecipe['recipe'], count: number): string => {
  const again = count < epochs ? `, for ${epochs} passes` : ''
  const drawn = count === 1 ? 'one augmentation' : `${count} augmentations`
  return `the teachers' outputs are stored in ${distillation?.store?.directory}: ${drawn} of each sample${again}`
}

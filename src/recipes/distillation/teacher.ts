import { CheckpointError, ConfigError } from '../../core/index.ts'
import { type Bundle, bundleDigest, type ModelDescription, readBundle } from '../../deploy/index.ts'
import { Engine, toNumber } from '../../engine/index.ts'
import { isDualEncoder } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'

/** A model that a student learns from. */
export interface Teacher {
  /** Prefix of its arrays in the batches: `teacher1`. */
  readonly name: string
  /** Folder, as the recipe names it. */
  readonly directory: string
  readonly description: ModelDescription
  /** SHA-256 of its weights, its config, and its processing of images and texts. */
  readonly digest: string
  /** Factor of the similarities of a dual encoder. */
  readonly scale?: number
}

/**
 * Open the teachers of a recipe, if it has some.
 * @throws CheckpointError and ConfigError of `readBundle`; CheckpointError `training/other-teacher` for a folder that holds
 * another model than the one that the run began with.
 */
export async function openTeachers(
  { distillation }: Recipe,
  registry: Registry,
): Promise<readonly Teacher[]> {
  const { teachers = [], digests = [] } = distillation ?? {}
  if (digests.length > 0 && digests.length !== teachers.length) {
    const message = `distillation.digests: there are ${digests.length} for ${teachers.length} teachers; leave them out, and the run writes them down`
    throw new ConfigError('config/distillation', message, { teachers, digests })
  }
  const opened: Teacher[] = []
  for (const [index, directory] of teachers.entries()) {
    const teacher = await openTeacher(`teacher${index + 1}`, directory, registry)
    requireSame(teacher, digests[index])
    opened.push(teacher)
  }
  return opened
}

async function openTeacher(name: string, directory: string, { families }: Registry): Promise<Teacher> {
  const bundle = readBundle(directory, { families })
  const { model, tokenizer, image } = bundle
  return {
    name,
    directory,
    description: { model, tokenizer, image },
    digest: bundleDigest(bundle),
    ...(isDualEncoder(model) && { scale: await scaleOf(bundle) }),
  }
}

function requireSame({ directory, digest }: Teacher, expected: string | undefined): void {
  if (expected === undefined || expected === digest) return
  throw new CheckpointError(
    'training/other-teacher',
    `${directory} is not the teacher that this run began with: its weights, config or processing have changed. Restore it, ` +
      'or begin another run',
    { directory, digest, expected },
  )
}

/** The factor of a dual encoder's similarities. */
async function scaleOf({ model, weights }: Bundle): Promise<number> {
  if (!isDualEncoder(model)) return 1
  namedParameters(model) // gives the leaves of the graph their names
  const program = await new Engine({ threads: 1 }).compile({ scale: model.scale() })
  const feeds = program.inputNames.map((name) => [name, weights.get(name)!] as const)
  const { scale } = await program.run(Object.fromEntries(feeds))
  await program.release()
  return toNumber(scale!)
}

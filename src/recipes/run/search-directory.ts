import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import {
  keyOf,
  type SamplerName,
  type Space,
  type StudyState,
  samplers,
  type Value,
} from '../../compression/index.ts'
import { CheckpointError, ConfigError, writeFileAtomic } from '../../core/index.ts'
import { flatten } from '../../report/index.ts'
import type { Recipe } from '../recipe/schema.ts'

/** Places in the directory of a study. */
export const studyFiles = {
  study: 'study.json',
  journal: 'journal.jsonl',
  /** The runs by number, and beside them their standard error. */
  trials: 'trials',
  workers: 'workers',
  locks: 'locks',
  report: 'report.html',
  /** The run that trains a supernet, and what was found in it, by number, as bundles. */
  supernet: 'supernet',
  found: 'found',
} as const

const rungs = { least: z.number().positive().exactOptional(), factor: z.number().min(2) }

/** Pruner of a study with its settings. */
const prunerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('asha'), ...rungs }),
  z.strictObject({ kind: z.literal('successive-halving'), ...rungs, cohort: z.int().min(2) }),
])
export type PrunerSettings = Readonly<z.infer<typeof prunerSchema>>

const descriptionSchema = z.strictObject({
  name: z.string(),
  /** The recipe as it was named, files with their whole path; what `--set` changed in it; and all its keys. */
  recipe: z.string(),
  assignments: z.array(z.string()),
  config: z.record(z.string(), z.unknown()) as unknown as z.ZodType<Recipe>,
  space: z.record(z.string(), z.unknown()) as unknown as z.ZodType<Space>,
  objectives: z.array(z.string()),
  sampler: z.custom<SamplerName>((name) => Object.hasOwn(samplers, String(name))),
  pruner: prunerSchema,
  seed: z.int(),
  /** Samples of the batch whose latency is measured. */
  batch: z.int().positive(),
  /** True where the recipe's own values are tried first. */
  own: z.boolean(),
  /** Limits with which the study began, for workers that name none; `trials` is absent where all are drawn. */
  trials: z.int().positive().exactOptional(),
  trialMinutes: z.number().positive().exactOptional(),
})

/** Description of a study, which stays: the content of `study.json`. */
export type StudyDescription = Readonly<z.infer<typeof descriptionSchema>>

/** A study as it stands. */
export interface Study {
  readonly directory: string
  readonly description: StudyDescription
  readonly state: StudyState
}

/** The study of a directory. @throws ConfigError `study/missing`; CheckpointError `study/journal` for a damaged file. */
export function readStudy(directory: string): StudyDescription {
  const file = join(directory, studyFiles.study)
  if (!existsSync(file))
    throw new ConfigError('study/missing', `${directory} holds no study to go on with`, { directory })
  try {
    return descriptionSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    const message = `${file} is damaged, or of another version: ${(cause as Error).message}`
    throw new CheckpointError('study/journal', message, { file }, { cause })
  }
}

/**
 * Begin a study in a new or empty directory, or go on with the one that is there.
 * @throws ConfigError `study/exists`, `study/missing`, `study/other` naming what differs.
 */
export function openStudy(directory: string, description: StudyDescription, resumes: boolean): void {
  if (resumes) {
    requireSame(directory, readStudy(directory), description)
    return
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    const what = existsSync(join(directory, studyFiles.study))
      ? 'a study already'
      : 'something that is no study'
    const message = `${directory} holds ${what}: go on with a study by --resume, or choose another --out`
    throw new ConfigError('study/exists', message, { directory })
  }
  for (const folder of [studyFiles.trials, studyFiles.workers, studyFiles.locks])
    mkdirSync(join(directory, folder), { recursive: true })
  const content = `${JSON.stringify(description, undefined, 2)}\n`
  writeFileAtomic(join(directory, studyFiles.study), content)
}

/** Keys that each worker may set for itself. */
const limits: readonly (keyof StudyDescription)[] = ['trials', 'trialMinutes']

function requireSame(directory: string, stored: StudyDescription, asked: StudyDescription): void {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as Value
  const differing = (Object.keys(asked) as (keyof StudyDescription)[]).filter(
    (key) => !limits.includes(key) && keyOf(plain(stored[key])) !== keyOf(plain(asked[key])),
  )
  const [key] = differing
  if (key === undefined) return
  const [before, now] = [flatten(plain(stored[key]) as object), flatten(plain(asked[key]) as object)].map(
    (entries) => new Map(entries),
  )
  const place = [...new Set([...before!.keys(), ...now!.keys()])].find(
    (path) => before!.get(path) !== now!.get(path),
  )
  const where = place ? `${key}.${place}` : key
  throw new ConfigError(
    'study/other',
    `${directory} holds a study with another ${where}: go on with the settings it began with (--resume --out alone takes ` +
      'them from there), or begin another study with --out',
    { directory, differing: where },
  )
}

/** Directory of a trial's run: `trials/0007`. */
export const trialDirectory = (study: string, number: number): string =>
  join(study, studyFiles.trials, String(number).padStart(4, '0'))

/** Folder of a sub-network that was found: `found/0007`. */
export const foundDirectory = (study: string, number: number): string =>
  join(study, studyFiles.found, String(number).padStart(4, '0'))

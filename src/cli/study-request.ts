import { join } from 'node:path'
import type { SamplerName } from '../compression/index.ts'
import { ConfigError } from '../core/index.ts'
import {
  override,
  type PrunerSettings,
  readStudy,
  type SearchRequest,
  type StudyDescription,
} from '../recipes/index.ts'
import { loadNamed, namesOf, spaceSort } from './load-named.ts'
import { isRecipeFile, loadDraft, recipeNames } from './load-recipe.ts'

/** Options of the commands that work on a study. */
export interface StudyOptions {
  readonly space?: string
  readonly objectives?: readonly string[]
  readonly sampler?: SamplerName
  readonly pruner?: PrunerSettings['kind']
  readonly firstRung?: number
  readonly keepOneIn?: number
  readonly cohort?: number
  readonly trials?: number
  readonly minutes?: number
  readonly trialMinutes?: number
  readonly batch?: number
  readonly seed?: number
  readonly set?: readonly string[]
  readonly epochs?: number
  readonly own: boolean
  readonly out?: string
  readonly resume?: true
  readonly json?: true
}

/** Differences between the commands of one engine. */
export interface StudyCommand {
  readonly name: string
  readonly description: string
  readonly objectives: readonly string[]
}

/** The study of `--resume`, by its directory or by the name of its recipe. */
export function storedStudy(recipe: string | undefined, { out }: StudyOptions) {
  const directory = out ?? (recipe === undefined ? undefined : join('studies', recipe))
  if (directory === undefined)
    throw new ConfigError('study/missing', 'name the study to go on with: --out DIRECTORY')
  return { directory, description: readStudy(directory) }
}

/** The request; options that are not given are those of the stored study, or defaults. */
export async function requestOf(
  of: StudyCommand,
  named: string | undefined,
  options: StudyOptions,
  stored: StudyDescription | undefined,
): Promise<SearchRequest & { readonly name: string }> {
  const recipe = named ?? stored?.recipe
  if (recipe === undefined)
    throw new ConfigError('cli/no-recipe', `name a recipe: ${recipeNames.join(', ')} or a file of your own`)
  const { set, epochs, space } = options
  const given = [...(set ?? []), ...(epochs === undefined ? [] : [`epochs=${epochs}`])]
  const { draft, registry } = await loadDraft(recipe)
  const own = stored && given.length === 0 ? stored.assignments : given
  const found = space === undefined && stored ? stored.space : await spaceFor(recipe, space)
  const supernet = supernetIn(found)
  const assignments = supernet === undefined ? own : withSupernet(own, supernet, options)
  if (supernet === undefined && draft.supernet)
    throw new ConfigError(
      'study/options',
      `${recipe} trains a supernet, whose sub-networks are what can be searched: name them by --space as { supernet: … }`,
      { recipe },
    )
  return {
    draft,
    registry,
    assignments,
    recipe,
    isFile: isRecipeFile(recipe),
    name: override(draft, assignments, registry).name,
    space: found,
    objectives: options.objectives ?? stored?.objectives ?? of.objectives,
    sampler: options.sampler ?? stored?.sampler ?? 'tpe',
    pruner: prunerOf(options, stored),
    seed: options.seed ?? stored?.seed ?? 0,
    batch: options.batch ?? stored?.batch ?? 32,
    own: stored && options.own ? stored.own : options.own,
  }
}

/** The limits of a worker: those it is given, or those with which the study began. Of a grid all trials are drawn. */
export function limitsOf(
  options: Pick<StudyOptions, 'trials' | 'trialMinutes'>,
  sampler: SamplerName,
  stored?: Pick<StudyDescription, 'trials' | 'trialMinutes'>,
): { readonly trials: number | undefined; readonly trialMinutes: number } {
  return {
    trials: options.trials ?? stored?.trials ?? (sampler === 'grid' ? undefined : 20),
    trialMinutes: options.trialMinutes ?? stored?.trialMinutes ?? 60,
  }
}

/** The space of a name or a file, or the built-in one of a recipe. */
async function spaceFor(recipe: string, named: string | undefined): Promise<unknown> {
  const known = namesOf(spaceSort)
  if (named === undefined && !known.includes(recipe))
    throw new ConfigError(
      'study/unknown-space',
      `there is no built-in space for ${recipe}: name yours with --space FILE`,
      { recipe, known },
    )
  return (await loadNamed(named ?? recipe, spaceSort)).value
}

/** The assignments of every trial, with the supernet among them. */
function withSupernet(assignments: readonly string[], supernet: unknown, { pruner }: StudyOptions): string[] {
  if (pruner !== undefined)
    throw new ConfigError(
      'study/options',
      'the trials of a supernet train nothing that could be stopped: leave --pruner out',
      { pruner },
    )
  const others = assignments.filter((text) => !text.startsWith('supernet='))
  return [...others, `supernet=${JSON.stringify(supernet)}`]
}

/** The supernet of a space that is one, `{ supernet: … }`; undefined for a space of values. */
function supernetIn(space: unknown): unknown {
  if (typeof space !== 'object' || space === null || !('supernet' in space)) return undefined
  const others = Object.keys(space).filter((key) => key !== 'supernet')
  if (others.length === 0) return space.supernet
  throw new ConfigError(
    'study/space',
    `a supernet is trained once, with one set of values: leave ${others.join(', ')} out beside supernet`,
    { others },
  )
}

function prunerOf(
  { pruner, firstRung, keepOneIn, cohort }: StudyOptions,
  stored: StudyDescription | undefined,
): PrunerSettings {
  const rungs = { ...(firstRung !== undefined && { least: firstRung }), factor: keepOneIn ?? 4 }
  const needs = Object.entries({ '--first-rung': firstRung, '--keep-one-in': keepOneIn, '--cohort': cohort })
  const unused = needs.find(
    ([flag, value]) =>
      value !== undefined &&
      (pruner === undefined || pruner === 'none' || (flag === '--cohort' && pruner === 'asha')),
  )
  if (unused)
    throw new ConfigError('study/options', `${unused[0]} needs --pruner ${flagOwner(unused[0])}`, {
      flag: unused[0],
    })
  if (pruner === undefined) return stored?.pruner ?? { kind: 'none' }
  if (pruner === 'none') return { kind: 'none' }
  return pruner === 'asha' ? { kind: 'asha', ...rungs } : { kind: pruner, ...rungs, cohort: cohort ?? 16 }
}

const flagOwner = (flag: string): string =>
  flag === '--cohort' ? 'successive-halving' : 'asha or successive-halving'

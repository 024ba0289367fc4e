import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type RecipeInput, recipes, resume, train } from '../../src/index.ts'
import { generateData } from '../../src/recipes/run/generate.ts'
import { betweenMarkers, type Job, shareWork } from '../shared-work.ts'
import { type Acted, act } from './act.ts'
import { type Planned, plan } from './planned.ts'
import {
  type ComparisonName,
  comparisonNames,
  comparisonRows,
  comparisonTables,
  type PlannedRow,
  plannedRows,
  plannedTable,
  type Row,
} from './rows.ts'
import { demonstrations, directoryOf, eyes, home, nameOf, recipeOf } from './trainings.ts'

const usage = `npm run chunks -- [options]

Compare policies that act in chunks on the tabletop, at equal steps: heads, lengths of chunks, ways from chunks to actions, and
latency; and try the plans of experts with right and with predicted answers. Write the tables of docs/tabletop-chunks.md.
What was trained or tried before is kept, what was stopped goes on; several processes share the work.

  --only LIST        some of plans, heads, lengths, ways, latency (default: all)
  --seeds LIST       seeds of heads and lengths (default: 1,2,3); all else is compared with the first
  --episodes COUNT   held-out scenes for each row (default: 50; of plans always 100)
  --table            write the tables of what there is, and train and try nothing`

const page = join(import.meta.dirname, '..', '..', 'docs', 'tabletop-chunks.md')
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: ['plans', ...comparisonNames].join(',') },
    seeds: { type: 'string', default: '1,2,3' },
    episodes: { type: 'string', default: '50' },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function compare(): Promise<void> {
  const seeds = options.seeds.split(',').map((text) => wholeNumber('--seeds', text, 0))
  const episodes = wholeNumber('--episodes', options.episodes, 1)
  const all = comparisonRows(seeds)
  const names = options.only.split(',')
  const rows = names.flatMap((name) => {
    if (name === 'plans') return []
    if (comparisonNames.includes(name as ComparisonName)) return all[name as ComparisonName]
    throw new Error(`--only: there is no comparison '${name}': plans, ${comparisonNames.join(', ')}`)
  })
  const writeTables = () => {
    const tables = comparisonTables(all, (row) => triedBefore<Acted>(actedFile(row, episodes)))
    const plans = plannedTable((row) => triedBefore<Planned>(plannedFile(row)))
    writeFileSync(page, betweenMarkers(readFileSync(page, 'utf8'), 'chunks', `${plans}\n\n${tables}`))
  }
  writeTables()
  if (options.table) return
  const jobs = [
    ...(names.includes('plans') ? plansOf() : []),
    ...(rows.length > 0 ? jobsOf(rows, episodes) : []),
  ]
  await shareWork([...new Map(jobs.map((job) => [job.name, job])).values()], home, writeTables)
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= least) return number
  throw new Error(`${flag}: '${text}' is no whole number from ${least} on`)
}

/** Training of the one-shot policy of a run, by the recipe of the same name. */
function eyesJob(run: string): Job {
  const recipe = recipes[basename(run)]!()
  return {
    name: basename(run),
    isDone: () => isTrained(run),
    isReady: () => recipe.base === undefined || isTrained(recipe.base),
    run: () => trainOne(recipe, run),
  }
}

/** Trials of plans, each when its eyes are there. */
function plansOf(): Job[] {
  const eyes = plannedRows.flatMap(({ run }) => (run === undefined ? [] : [eyesJob(run)]))
  const trials = plannedRows.map((row): Job => {
    const file = plannedFile(row)
    return {
      name: basename(file, '.json'),
      isDone: () => existsSync(file),
      isReady: () => row.run === undefined || isTrained(row.run),
      run: async () => {
        console.error(`planning: ${file}`)
        keep(file, await plan({ ...row, episodes: plannedEpisodes, seed: 0 }, row.run))
      },
    }
  })
  return [...eyes, ...trials]
}

/** Held-out scenes of each row of plans, the first hundred of those in which the recipes are judged. */
const plannedEpisodes = 100

const plannedFile = ({ task, run }: PlannedRow): string =>
  join(home, `planned-${task}-${run ? basename(run) : 'right'}-${plannedEpisodes}.json`)

/** The demonstrations, the eyes, the policies of these rows, and their trials; each once. */
function jobsOf(rows: readonly Row[], episodes: number): Job[] {
  const data: Job = {
    name: 'demonstrations',
    isDone: () => existsSync(demonstrations().directory) && existsSync(made),
    isReady: () => true,
    async run() {
      console.error('making the demonstrations')
      await generateData(demonstrations())
      writeFileSync(made, '')
    },
  }
  const base = eyesJob(eyes())
  const trainings = rows.map(
    ({ policy }): Job => ({
      name: nameOf(policy),
      isDone: () => isTrained(directoryOf(policy)),
      isReady: () => data.isDone() && base.isDone(),
      run: () => trainOne(recipeOf(policy), directoryOf(policy)),
    }),
  )
  const trials = rows.map(
    (row): Job => ({
      name: `${nameOf(row.policy)}-${row.way}-${row.latency}-${episodes}`,
      isDone: () => existsSync(actedFile(row, episodes)),
      isReady: () => isTrained(directoryOf(row.policy)),
      run: () => tryOne(row, episodes),
    }),
  )
  return [data, base, ...trainings, ...trials]
}

/** File that tells that all demonstrations are made. */
const made = join(home, 'demonstrations.made')

const isTrained = (directory: string): boolean => existsSync(join(directory, 'summary.json'))

async function trainOne(recipe: RecipeInput, directory: string): Promise<void> {
  console.error(`training ${directory}`)
  if (existsSync(join(directory, 'recipe.json'))) await resume(directory)
  else await train(recipe, { out: directory })
}

const actedFile = ({ policy, way, latency }: Row, episodes: number): string =>
  join(directoryOf(policy), 'acted', `${way}-${latency}-${episodes}.json`)

const triedBefore = <Tried>(file: string): Tried | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Tried) : undefined

function keep(file: string, tried: Acted | Planned): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(tried, undefined, 1)}\n`)
}

async function tryOne(row: Row, episodes: number): Promise<void> {
  const file = actedFile(row, episodes)
  console.error(`acting: ${file}`)
  keep(file, await act(directoryOf(row.policy), { ...row, episodes, seed: 0 }))
}

if (options.help) console.log(usage)
else await compare()

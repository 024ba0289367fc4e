import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type RecipeInput, recipes, resume, train } from '../../src/index.ts'
import { generateData } from '../../src/recipes/run/generate.ts'
import { betweenMarkers, type Job, shareWork } from '../shared-work.ts'
import { type Acted, act } from './act.ts'
import { type ComparisonName, comparisonNames, comparisonRows, comparisonTables, type Row } from './rows.ts'
import { demonstrations, directoryOf, eyes, home, nameOf, recipeOf } from './trainings.ts'

const usage = `npm run chunks -- [options]

Compare policies that act in chunks on the tabletop, at equal steps: heads, lengths of chunks, ways from chunks to actions, and
latency, and write the tables of docs/tabletop-chunks.md. What was trained or tried before is kept, what was stopped goes on;
several processes share the work.

  --only LIST        some of heads, lengths, ways, latency (default: all)
  --seeds LIST       seeds of the heads (default: 1,2,3); all else is compared with the first
  --episodes COUNT   held-out scenes for each row (default: 50)
  --table            write the tables of what there is, and train and try nothing`

const page = join(import.meta.dirname, '..', '..', 'docs', 'tabletop-chunks.md')
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: comparisonNames.join(',') },
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
  const rows = options.only.split(',').flatMap((name) => {
    if (comparisonNames.includes(name as ComparisonName)) return all[name as ComparisonName]
    throw new Error(`--only: there is no comparison '${name}': ${comparisonNames.join(', ')}`)
  })
  const writeTables = () => {
    const tables = comparisonTables(all, (row) => actedBefore(row, episodes))
    writeFileSync(page, betweenMarkers(readFileSync(page, 'utf8'), 'chunks', tables))
  }
  writeTables()
  if (!options.table) await shareWork(jobsOf(rows, episodes), home, writeTables)
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isInteger(number) && number >= least) return number
  throw new Error(`${flag}: '${text}' is no whole number from ${least} on`)
}

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
  const base: Job = {
    name: 'eyes',
    isDone: () => isTrained(eyes()),
    isReady: () => true,
    run: () => trainOne(recipes['tabletop-multitask']!(), eyes()),
  }
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
  return [...new Map([data, base, ...trainings, ...trials].map((job) => [job.name, job])).values()]
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

function actedBefore(row: Row, episodes: number): Acted | undefined {
  const file = actedFile(row, episodes)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Acted) : undefined
}

async function tryOne(row: Row, episodes: number): Promise<void> {
  const file = actedFile(row, episodes)
  console.error(`acting: ${file}`)
  const acted = await act(directoryOf(row.policy), { ...row, episodes, seed: 0 })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(acted, undefined, 1)}\n`)
}

if (options.help) console.log(usage)
else await compare()

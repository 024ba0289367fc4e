import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { resume, train } from '../../src/index.ts'
import { betweenMarkers, type Job, shareWork } from '../shared-work.ts'
import { comparisons, type DirectoryOf, type Training, trainings } from './methods.ts'
import { methodsTable, type Results } from './table.ts'

const usage = `npm run ablations -- [options]

Train every method of docs/methods.md with and without it, and write the page's table. What was trained before is kept, what was
stopped goes on.

  --seeds LIST    seeds (default: 1,2,3)
  --only LIST     methods, by the name of the training with them, and what they stand on
  --table         write the table of what is trained, and train nothing`

const page = join(import.meta.dirname, '..', '..', 'docs', 'methods.md')
const home = join('runs', 'ablations')
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Train what nobody has trained yet, until all is done. */
async function ablate(seeds: readonly number[]): Promise<void> {
  const wanted = namesOf(options.only?.split(','))
  const jobs = seeds.flatMap((seed) =>
    Object.entries(trainings(directoryOf(seed)))
      .filter(([name]) => wanted.has(name))
      .map(
        ([name, training]): Job => ({
          name: `${name}-${seed}`,
          isDone: () => isDone(name, seed),
          isReady: () => (training.after ?? []).every((before) => isDone(before, seed)),
          run: () => trainOne(training, directoryOf(seed)(name), `${name}, seed ${seed}`, seed),
        }),
      ),
  )
  writeTable(seeds)
  if (!options.table) await shareWork(jobs, home, () => writeTable(seeds))
}

const isDone = (name: string, seed: number): boolean =>
  existsSync(join(directoryOf(seed)(name), 'summary.json'))

const directoryOf =
  (seed: number): DirectoryOf =>
  (name) =>
    join(home, `${name}-${seed}`)

/** Names of the trainings that comparisons need, and those that they stand on. */
function namesOf(methods: readonly string[] | undefined): ReadonlySet<string> {
  const all = trainings((name) => name)
  const found = new Set<string>()
  const add = (name: string): void => {
    found.add(name)
    for (const before of all[name]?.after ?? []) add(before)
  }
  for (const comparison of comparisons) {
    if (methods && !methods.includes(comparison.with)) continue
    add(comparison.with)
    add(comparison.without)
  }
  if (found.size === 0) throw new Error(`--only: there is no method '${options.only}'`)
  return found
}

async function trainOne({ recipe }: Training, directory: string, title: string, seed: number): Promise<void> {
  console.error(`\n${title}`)
  if (existsSync(join(directory, 'recipe.json'))) await resume(directory)
  else await train({ ...recipe, name: title.replace(/, seed /, '-'), seed }, { out: directory })
}

/** Results of a training, by test set; undefined before it is over. */
function resultsOf(directory: string): Results | undefined {
  const file = join(directory, 'summary.json')
  if (!existsSync(file)) return undefined
  const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: Record<string, Nested> }
  const of = (test: string, way: string): number => {
    const metrics = results[test] as { [name: string]: Nested }
    const retrieval = ('contrastive' in metrics ? metrics.contrastive : metrics) as Record<string, Nested>
    return (retrieval[way] as Record<string, number>)['R@1']!
  }
  return {
    style: [of('heldOutStyle', 'imageToText'), of('heldOutStyle', 'textToImage')],
    concepts: [of('heldOutConcepts', 'imageToText'), of('heldOutConcepts', 'textToImage')],
  }
}

type Nested = number | { readonly [name: string]: Nested }

function writeTable(seeds: readonly number[]): void {
  const results = (name: string) => seeds.flatMap((seed) => resultsOf(directoryOf(seed)(name)) ?? [])
  writeFileSync(
    page,
    betweenMarkers(readFileSync(page, 'utf8'), 'ablations', methodsTable(comparisons, results)),
  )
}

if (options.help) console.log(usage)
else await ablate(options.seeds.split(',').map(Number))

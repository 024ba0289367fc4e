import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { resume, train } from '../../src/index.ts'
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

if (options.help) console.log(usage)
else await ablate(options.seeds.split(',').map(Number))

async function ablate(seeds: readonly number[]): Promise<void> {
  const wanted = namesOf(options.only?.split(','))
  for (const seed of options.table ? [] : seeds) {
    const all = trainings(directoryOf(seed))
    for (const [name, training] of Object.entries(all)) {
      if (wanted.has(name)) await trainOne(training, directoryOf(seed)(name), `${name}, seed ${seed}`, seed)
      writeTable(seeds)
    }
  }
  writeTable(seeds)
}

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
  if (existsSync(join(directory, 'summary.json'))) return
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
  const [begin, end] = ['<!-- ablations: begin -->', '<!-- ablations: end -->']
  const text = readFileSync(page, 'utf8')
  const [before, rest] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))]
  writeFileSync(page, `${before}${begin}\n${methodsTable(comparisons, results)}\n${rest}`)
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { FileLock } from '../../src/compression/index.ts'
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
/** Milliseconds to wait while others train all that could be trained now. */
const pause = 5000
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string' },
    table: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** Train what nobody has trained yet, until all is done. Several processes, on several hosts, share the work by locks. */
async function ablate(seeds: readonly number[]): Promise<void> {
  const wanted = namesOf(options.only?.split(','))
  const jobs = seeds.flatMap((seed) =>
    Object.entries(trainings(directoryOf(seed)))
      .filter(([name]) => wanted.has(name))
      .map(([name, training]) => ({ name, seed, training })),
  )
  writeTable(seeds)
  for (let open = options.table ? [] : jobs; open.length > 0; open = open.filter((job) => !isDone(job))) {
    const claimed = claim(open)
    if (!claimed) {
      await setTimeout(pause)
      continue
    }
    const { name, seed, training } = claimed.job
    await trainOne(training, directoryOf(seed)(name), `${name}, seed ${seed}`, seed)
    claimed.lock.release()
    writeTable(seeds)
  }
}

interface Job {
  readonly name: string
  readonly seed: number
  readonly training: Training
}

const isDone = ({ name, seed }: Pick<Job, 'name' | 'seed'>): boolean =>
  existsSync(join(directoryOf(seed)(name), 'summary.json'))

/** Claim the first training that stands on finished ones and that no other process is at; a dead one's is taken over. */
function claim(open: readonly Job[]): { readonly job: Job; readonly lock: FileLock } | undefined {
  for (const job of open) {
    const { name, seed, training } = job
    if (isDone(job) || (training.after ?? []).some((before) => !isDone({ name: before, seed }))) continue
    const lock = new FileLock(join(home, 'locks', `${name}-${seed}`))
    if (lock.take() === undefined) continue
    lock.keep()
    return { job, lock }
  }
  return undefined
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

if (options.help) console.log(usage)
else await ablate(options.seeds.split(',').map(Number))

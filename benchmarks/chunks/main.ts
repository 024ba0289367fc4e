import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { resume, train } from '../../src/index.ts'
import { textTable } from '../../src/report/index.ts'
import { type Acted, act, type Way, ways } from './act.ts'
import { type Compared, chunkLengths, directoryOf, heads, recipeOf, usualChunk } from './trainings.ts'

const usage = `npm run chunks -- [options]

Compare policies that act in chunks on the tabletop, at equal steps: heads, lengths of chunks, ways from chunks to actions, and
latency. What was trained or tried before is kept, what was stopped goes on.

  --only LIST        some of heads, lengths, ways, latency (default: all)
  --seeds LIST       seeds of the heads (default: 1,2,3); all else is compared with the first
  --episodes COUNT   held-out scenes for each row (default: 50)`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'heads,lengths,ways,latency' },
    seeds: { type: 'string', default: '1,2,3' },
    episodes: { type: 'string', default: '50' },
    help: { type: 'boolean', default: false },
  },
})

/** One row: a policy, and how it acts. */
interface Row {
  readonly policy: Compared
  readonly way: Way
  /** Milliseconds. */
  readonly latency: number
}

const seeds = options.seeds.split(',').map(Number)
const episodes = Number(options.episodes)
const usual = { head: 'act', chunk: usualChunk, seed: seeds[0]! } as const
const row = (policy: Compared, way: Way = 'queue', latency = 0): Row => ({ policy, way, latency })

const comparisons: Readonly<Record<string, () => Row[]>> = {
  heads: () => heads.flatMap((head) => seeds.map((seed) => row({ ...usual, head, seed }))),
  lengths: () => chunkLengths.map((chunk) => row({ ...usual, chunk })),
  ways: () => ways.map((way) => row(usual, way)),
  latency: () =>
    [0, 50, 100, 150, 200].flatMap((latency) => [
      row(usual, 'queue', latency),
      row(usual, 'asynchronous', latency),
    ]),
}

if (options.help) console.log(usage)
else for (const name of options.only.split(',')) await compare(name)

async function compare(name: string): Promise<void> {
  const rows = comparisons[name]
  if (!rows) throw new Error(`there is no comparison '${name}': ${Object.keys(comparisons).join(', ')}`)
  const lines: (string | number)[][] = []
  for (const each of rows()) {
    await trained(each.policy)
    const { successes, interval, seams, elsewhere, seconds } = await tried(each)
    const { head, chunk, seed } = each.policy
    const rate = `${((100 * successes) / episodes).toFixed(0)} (${interval.map((part) => (100 * part).toFixed(0)).join(' – ')})`
    const jerk = seams === undefined ? '' : `${seams.toFixed(0)}, ${elsewhere!.toFixed(0)}`
    lines.push([head, chunk, seed, each.way, each.latency, rate, seconds?.toFixed(1) ?? '–', jerk])
  }
  const titles = [
    'Head',
    'Chunk',
    'Seed',
    'Actions',
    'Latency, ms',
    'Success, %',
    'Seconds',
    'Jerk at seams, elsewhere',
  ]
  console.log(`\n${name}\n${textTable({ columns: titles.map((title) => ({ title })), rows: lines })}`)
}

/** Train a policy, unless that is done. */
async function trained(policy: Compared): Promise<void> {
  const directory = directoryOf(policy)
  if (existsSync(join(directory, 'summary.json'))) return
  console.error(`training ${directory}`)
  if (existsSync(join(directory, 'recipe.json'))) await resume(directory)
  else await train(recipeOf(policy), { out: directory })
}

/** Let a policy act, unless that is done. */
async function tried({ policy, way, latency }: Row): Promise<Acted> {
  const file = join(directoryOf(policy), 'acted', `${way}-${latency}-${episodes}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Acted
  console.error(`acting: ${file}`)
  const acted = await act(directoryOf(policy), { way, latency, episodes, seed: 0 })
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(acted, undefined, 1)}\n`)
  return acted
}

// The long check of data-parallel members: `node --import tsx/esm test/mpi/check-members.ts [launcher] [steps] [recipes]`.
// It needs the built command line (npm run build), takes about ten minutes of two cores for all recipes, and prints what it finds.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { datasetDefaults, generateDataset } from '../../src/world/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { writeRecipeFile } from '../support/tabletop-recipe.ts'
import { type Launcher, startMembers } from './mpirun.ts'
import { recipesOf } from './recipes.ts'

const [launcher = 'mpirun.openmpi', given = '100', names] = process.argv.slice(2)
const steps = Number(given)
const home = mkdtempSync(join(tmpdir(), 'visuomotor-mpi-'))
let failures = 0

function expectThat(holds: boolean, text: string): void {
  if (!holds) failures++
  process.stdout.write(`${holds ? 'ok    ' : 'FAILED'} ${text}\n`)
}

interface Logged {
  readonly step: number
  readonly loss?: number
}

/** Losses by step, the last line of a step counting: a resumed run logs again what it had lost. */
function lossesOf(run: string): number[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n')
  const logged = lines.map((line) => JSON.parse(line) as Logged).filter(({ loss }) => loss !== undefined)
  return [...new Map(logged.map(({ step, loss }) => [step, loss!])).entries()]
    .sort(([a], [b]) => a - b)
    .map(([, loss]) => loss)
}

const checkpointsOf = (run: string): number[] =>
  existsSync(join(run, 'checkpoints'))
    ? readdirSync(join(run, 'checkpoints'))
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .sort((a, b) => a - b)
    : []

/** Digest of the weights and of the optimizer's state of the last checkpoint. */
function digestOf(run: string): string {
  const last = join(run, 'checkpoints', String(checkpointsOf(run).at(-1)))
  const hash = createHash('sha256')
  for (const file of ['model.safetensors', 'optimizer.safetensors'])
    hash.update(readFileSync(join(last, file)))
  return hash.digest('hex').slice(0, 12)
}

async function train(members: number, argv: readonly string[]): Promise<string> {
  const { code, notes } = await startMembers(launcher as Launcher, members, ['train', ...argv]).ended
  if (code !== 0)
    expectThat(false, `train ${argv.join(' ')} with ${members} members ended with ${code}:\n${notes}`)
  return notes
}

/** Largest relative difference of losses. */
const difference = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length
    ? Math.max(...a.map((loss, i) => Math.abs(loss - b[i]!) / Math.max(1, Math.abs(loss))))
    : Number.POSITIVE_INFINITY

/** Kill one member by SIGKILL once the run has a checkpoint beyond a step. */
async function trainAndKill(file: string, out: string, after: number): Promise<string> {
  const { child, ended } = startMembers(launcher as Launcher, 2, ['train', file, '--out', out])
  while ((checkpointsOf(out).at(-1) ?? 0) < after) await setTimeout(20)
  const victim = membersOf(child.pid!).at(-1)
  if (victim === undefined) throw new Error('no member found to kill')
  process.kill(victim, 'SIGKILL')
  const { code, notes, seconds } = await ended
  expectThat(code !== 0, `SIGKILL of one member ends all (code ${code}, after ${seconds.toFixed(1)} s)`)
  return notes
}

/** The node processes below a launcher. */
function membersOf(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid)
    .map(Number)
  return children.flatMap((child) => {
    const below = membersOf(child)
    return below.length > 0 ? below : [child]
  })
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1])
  } catch {
    return undefined
  }
}

await drawShapes(join(home, 'shapes'))
const scenes = { ...datasetDefaults, size: 32, scenes: 40, seed: 3, smooth: false }
await generateDataset(join(home, 'scenes'), scenes, { workers: 1 })

const chosen = Object.entries(recipesOf(home, steps)).filter(
  ([name]) => names === undefined || names.split(',').includes(name),
)
for (const [name, recipe] of chosen) {
  const file = writeRecipeFile(home, recipe, `${name}.mjs`)
  const run = (label: string) => join(home, `${name}-${label}`)
  for (const members of [1, 2, 4]) await train(members, [file, '--out', run(`${members}`)])
  const alone = lossesOf(run('1'))
  for (const members of [2, 4]) {
    const worst = difference(alone, lossesOf(run(`${members}`)))
    expectThat(
      worst <= 1e-5,
      `${name}: ${alone.length} losses of ${members} members and of one differ by ${worst.toExponential(1)}`,
    )
  }
  await train(2, [file, '--out', run('again')])
  expectThat(digestOf(run('2')) === digestOf(run('again')), `${name}: two members give the same bits again`)
  const notes = await trainAndKill(file, run('killed'), steps / 3)
  process.stdout.write(`       ${notes.trim().split('\n').slice(-8).join('\n       ')}\n`)
  cpSync(run('killed'), run('fewer'), { recursive: true })
  const told = await train(1, ['--resume', '--out', run('fewer')])
  expectThat(
    told.includes('bit by bit') && lossesOf(run('fewer')).length === alone.length,
    `${name}: one member goes on where two were, and says so: ${told.split('\n').find((line) => line.includes('bit by bit'))}`,
  )
  await train(2, ['--resume', '--out', run('killed')])
  expectThat(
    digestOf(run('2')) === digestOf(run('killed')),
    `${name}: killed and resumed gives the same bits`,
  )
}

process.stdout.write(failures === 0 ? `all well, in ${home}\n` : `${failures} failures, in ${home}\n`)
process.exitCode = failures === 0 ? 0 : 1

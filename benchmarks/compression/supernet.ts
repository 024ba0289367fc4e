import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { choice, recipes, supernet } from '../../src/index.ts'
import { buildModel, dualEncoder, withVocabulary } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { builtCommand, staleBuild } from '../built-command.ts'
import { bestByMinute, type Found, type Sizes, sizesInSupernet, sizesOfRecipe } from './supernet-results.ts'

const usage = `node --import tsx/esm benchmarks/compression/supernet.ts [options]    (built code: npm run build)

Quality of the best model below a limit of parameters, by minutes of work: sub-networks of one supernet, and trainings from
scratch, on emoji over the same 72 sizes. Both are studies of search-architecture and go on where they were stopped; what is
done is printed again.

  --minutes N     of each side (default: 5.5)
  --epochs N      of the supernet and of each trial (default: 5)
  --threads N     threads of an operation (default: all cores)
  --seed N        of both studies (default: 0)
  --out DIR       (default: runs/supernet-benchmark)`

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5.5' },
    epochs: { type: 'string', default: '5' },
    threads: { type: 'string' },
    seed: { type: 'string', default: '0' },
    out: { type: 'string', default: join('runs', 'supernet-benchmark') },
    help: { type: 'boolean', default: false },
  },
})

const whole: Sizes = { imageHidden: 1536, imageLayers: 3, textHidden: 512, textLayers: 2 }
const parts = {
  'vision_model.*': { hidden: [1 / 8, 1 / 4, 1 / 2, 1], layers: [1 / 3, 2 / 3, 1] },
  'text_model.*': { hidden: [1 / 4, 1 / 2, 1], layers: [1 / 2, 1] },
}
const values = {
  'model.vision_config.intermediate_size': choice([192, 384, 768, 1536]),
  'model.vision_config.num_hidden_layers': choice([1, 2, 3]),
  'model.text_config.intermediate_size': choice([128, 256, 512]),
  'model.text_config.num_hidden_layers': choice([1, 2]),
}

/** Limits of the parameters, as shares of the largest model's. */
const limits = [1, 0.6, 0.4] as const

if (options.help) console.log(usage)
else compare()

function compare(): void {
  const stale = staleBuild()
  if (stale) throw new Error(stale.skipped)
  mkdirSync(options.out, { recursive: true })
  study('supernet', { supernet: supernet(parts, { redrawSteps: 10 }) }, 'grid')
  study('scratch', values, 'random')
  const most = parametersOf(whole)
  for (const limit of limits) {
    console.log(`\nbest R@1 (image to text, validation) with at most ${Math.round(limit * most)} parameters`)
    const row = (found: readonly Found[]) =>
      bestByMinute(
        found.filter(({ sizes }) => parametersOf(sizes) <= limit * most),
        Math.ceil(Number(options.minutes)),
      )
    console.table({
      supernet: row(foundBy('supernet', (values) => sizesInSupernet(values, whole))),
      scratch: row(foundBy('scratch', (values) => sizesOfRecipe(values, whole))),
    })
  }
}

/** Work on one of the two studies until its minutes are over, all told. */
function study(name: string, space: object, sampler: string): void {
  const out = directoryOf(name)
  const left = Number(options.minutes) - minutesOf(name)
  if (left < 0.05) return
  const file = join(options.out, `${name}-space.json`)
  writeFileSync(file, JSON.stringify(space))
  const { epochs, threads, seed } = options
  const { vision_config, text_config } = recipes.emoji!().model as {
    readonly vision_config: object
    readonly text_config: object
  }
  const sets = [
    `epochs=${epochs}`,
    `validation.everyEpochs=${epochs}`,
    'checkpoints.everyEpochs=1',
    ...(threads === undefined ? [] : [`machine.threads=${threads}`]),
    `model.vision_config=${JSON.stringify({ ...vision_config, num_hidden_layers: whole.imageLayers })}`,
    `model.text_config=${JSON.stringify({ ...text_config, num_hidden_layers: whole.textLayers })}`,
  ].flatMap((text) => ['--set', text])
  const begun = existsSync(join(out, 'study.json'))
  const settings = begun ? ['--resume'] : ['--space', file, '--sampler', sampler, '--seed', seed, ...sets]
  const limit = ['--objectives', 'quality', '--trials', '1000', '--minutes', String(left), '--out', out]
  const recipe = begun ? [] : ['emoji-search']
  const argv = [builtCommand, 'search-architecture', ...recipe, ...settings, ...limit]
  const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`the study ${name} ended with ${status}`)
}

function directoryOf(name: string): string {
  return join(options.out, `${name}-${options.seed}`)
}

interface Event {
  readonly event: string
  readonly trial?: number
  readonly state?: string
  readonly seconds?: number
  readonly values?: Readonly<Record<string, number>>
  readonly measured?: Readonly<Record<string, number>>
}

/** What happened in a study, from its journal. */
function eventsOf(name: string): Event[] {
  const file = join(directoryOf(name), 'journal.jsonl')
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Event)
}

/** Minutes of work so far: of the training of a supernet, and of the trials. */
function minutesOf(name: string): number {
  const seconds = new Map<number, number>()
  for (const { trial, seconds: spent } of eventsOf(name))
    if (trial !== undefined && spent !== undefined) seconds.set(trial, spent)
  return ([...seconds.values()].reduce((sum, spent) => sum + spent, 0) + supernetSeconds(name)) / 60
}

function supernetSeconds(name: string): number {
  const file = join(directoryOf(name), 'supernet', 'summary.json')
  if (!existsSync(file)) return 0
  return (JSON.parse(readFileSync(file, 'utf8')) as { trainSeconds: number }).trainSeconds
}

/** The finished trials of a study, and the minutes of work after which each was known. */
function foundBy(name: string, sizesOf: (values: Readonly<Record<string, number>>) => Sizes): Found[] {
  const values = new Map<number, Readonly<Record<string, number>>>()
  let seconds = supernetSeconds(name)
  return eventsOf(name).flatMap((event) => {
    if (event.event === 'began') values.set(event.trial!, event.values!)
    if (event.event !== 'ended') return []
    seconds += event.seconds ?? 0
    if (event.state !== 'finished') return []
    return [
      {
        sizes: sizesOf(values.get(event.trial!)!),
        quality: event.measured!.quality!,
        minutes: seconds / 60,
      },
    ]
  })
}

/** Numbers of the model of some sizes, with a vocabulary of 2000 words. */
function parametersOf({ imageHidden, imageLayers, textHidden, textLayers }: Sizes): number {
  const plain = dualEncoder({
    image: { size: 32, patch: 32, width: 384, depth: imageLayers, heads: 6 },
    text: { length: 24, width: 128, depth: textLayers, heads: 4 },
    projection: 128,
  })
  const { vision_config, text_config } = plain
  const config = withVocabulary(
    {
      ...plain,
      vision_config: { ...vision_config, intermediate_size: imageHidden },
      text_config: { ...text_config, intermediate_size: textHidden },
    },
    { vocabularySize: 2000, startId: 0, endId: 1, padId: 1 },
  )
  const shapes = [...namedParameters(buildModel(config)).values()].map(({ shape }) => shape)
  return shapes.reduce((sum, shape) => sum + shape.reduce((size, axis) => size * axis, 1), 0)
}

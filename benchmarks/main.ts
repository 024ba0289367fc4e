import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type CaseName, cases, tinyCases } from './cases.ts'
import { type ContestantName, contestantNames } from './contestants.ts'
import { measureGenerate } from './measurements/generate.ts'
import { measureInference } from './measurements/inference.ts'
import { measureLoader } from './measurements/loader.ts'
import { measureRender } from './measurements/render.ts'
import { measureScaling } from './measurements/scaling.ts'
import { measureServing } from './measurements/serving.ts'
import { measureStart } from './measurements/start.ts'
import { measureStream } from './measurements/stream.ts'
import { measureTraining } from './measurements/training.ts'
import { printProfile, printResults } from './print.ts'
import { profileStep } from './profile.ts'
import { type MeasurementName, type Measurements, measurementNames, resultsOf } from './results.ts'

const usage = `npm run bench -- [options]

  --only NAME         one measurement: ${measurementNames.join(', ')}
  --contestants LIST  some contestants: ${contestantNames.join(',')}
  --json              one object on standard output
  --profile           where our step spends its time, by ONNX Runtime's profiler; with --only towers, theirs
  --tiny              small stand-ins, to see that everything runs and agrees; the times mean nothing`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    contestants: { type: 'string' },
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    tiny: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) console.log(usage)
else await benchmark()

async function benchmark(): Promise<void> {
  const sizes = options.tiny ? tinyCases : cases
  const wanted = oneOf(options.only, measurementNames)
  if (options.profile) {
    const profile = await profileStep(
      sizes[wanted.length === 1 && wanted[0] === 'towers' ? 'towers' : 'step'],
    )
    console.log(options.json ? JSON.stringify(profile, undefined, 2) : printProfile(profile))
    return
  }
  const results = resultsOf(await measure(wanted), wanted)
  console.log(options.json ? JSON.stringify(results, undefined, 2) : printResults(results))
}

/** Take the measurements that the wanted results need. */
async function measure(wanted: readonly MeasurementName[]): Promise<Measurements> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-bench-'))
  const sizes = options.tiny ? tinyCases : cases
  const names = chosenContestants()
  const needs = (...results: MeasurementName[]) => results.some((name) => wanted.includes(name))
  const train = (name: CaseName) => measureTraining(join(directory, name), sizes[name], names)
  // The other peers know no way to train a part of a model.
  const tuners = names.filter((name) => name === 'visuomotor' || name.startsWith('torch'))
  const tune = (name: CaseName) => measureTraining(join(directory, name), sizes[name], tuners)
  try {
    return {
      training: {
        ...(needs('step', 'limit', 'memory') && { step: await train('step') }),
        ...(needs('towers', 'finetune', 'limit', 'memory') && { towers: await train('towers') }),
        ...(needs('finetune') && {
          lora: await tune('lora'),
          lit: await tune('lit'),
          litKept: await tune('litKept'),
        }),
      },
      ...(needs('loader') && { loader: await measureLoader(options.tiny ? 0.1 : 1) }),
      ...(needs('stream') && { stream: await measureStream(options.tiny ? 0.004 : 1) }),
      ...(needs('inference') && {
        inference: await measureInference(join(directory, 'inference'), sizes.step, names),
      }),
      ...(needs('start') && { start: await measureStart(options.tiny ? [1, 2, 4] : [2, 4, 8, 16, 32]) }),
      ...(needs('render') && { render: await measureRender(20, options.tiny ? 1 : 20) }),
      ...(needs('generate') && { generate: await measureGenerate(options.tiny ? 20 : 4000) }),
      ...(needs('serving') && {
        serving: await measureServing(join(directory, 'serving'), options.tiny ? 0.5 : 10),
      }),
      ...(needs('scaling') && {
        scaling: await measureScaling(join(directory, 'scaling'), sizes.step, options.tiny ? 2 : 10),
      }),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function chosenContestants(): readonly ContestantName[] {
  if (options.contestants === undefined) return contestantNames
  return options.contestants.split(',').flatMap((name) => oneOf(name, contestantNames))
}

/** The one that is named, or all. */
function oneOf<Name extends string>(name: string | undefined, names: readonly Name[]): Name[] {
  if (name === undefined) return [...names]
  const found = names.find((known) => known === name)
  if (found !== undefined) return [found]
  console.error(`there is no '${name}'; known: ${names.join(', ')}\n\n${usage}`)
  process.exit(2)
}

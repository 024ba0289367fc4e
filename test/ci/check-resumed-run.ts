import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointSteps } from '../../src/core/index.ts'

// check-resumed-run.ts KILLED RUN: the run went on where its copy, made when it was killed, has its newest checkpoint.
// Lines of the log hold measured rates, so those of a run that began anew would be others. Every step must be logged.

const [killed, run] = process.argv.slice(2) as [string, string]

const linesOf = (directory: string) => readFileSync(join(directory, 'metrics.jsonl'), 'utf8').split('\n')
const stepOf = (line: string): number => JSON.parse(line).step
const whole = linesOf(run).slice(0, -1)
const totalSteps: number = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).steps

const checkpoint = checkpointSteps(killed).at(-1)!
assert(checkpoint > 0 && checkpoint < totalSteps, `a checkpoint at step ${checkpoint} of ${totalSteps}`)

// The last line of the killed run may be cut off.
const before = linesOf(killed)
  .slice(0, -1)
  .filter((line) => stepOf(line) <= checkpoint)
assert.deepEqual(whole.slice(0, before.length), before, 'what was logged before the checkpoint has changed')

const steps = whole.filter((line) => 'loss' in JSON.parse(line)).map(stepOf)
assert.deepEqual(
  steps,
  Array.from({ length: totalSteps }, (_, i) => i + 1),
  'not every step is logged once',
)

console.log(`killed after step ${checkpoint}, resumed there, ended at step ${totalSteps}`)

import { join } from 'node:path'
import { observedRun, recipeNames, resumedRun } from './observed-run.ts'

// Runs every recipe on WebGPU in the directory named on the command line and prints what was observed, as JSON.

const directory = process.argv[2]!
const observed = []
for (const name of recipeNames)
  observed.push([name, await observedRun(join(directory, name), 'webgpu', name)])
await resumedRun(join(directory, 'resumed'), join(directory, 'adamW'), 'webgpu', 'adamW')
console.log(JSON.stringify(Object.fromEntries(observed)))

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { random } from '../../src/core/index.ts'
import {
  DualEncoderRuntime,
  LatencyWindow,
  PolicyRuntime,
  readModelDescription,
  writeBundle,
} from '../../src/deploy/index.ts'
import { isPolicy } from '../../src/models/index.ts'
import { tinyPolicy } from '../support/tiny-bundle.ts'

// Acts for long with a policy, or embeds one image after the other with a dual encoder, on one core, and prints the times of
// calls and by how much the process grew, as JSON:
//   node --expose-gc --import tsx test/engine/soak-act.ts 100000 runs/tabletop-multitask
// Calls, and the run or bundle (default: a tiny policy of random weights).

const [calls = 100_000, given] = [Number(process.argv[2] ?? 100_000), process.argv[3]]
const temporary = mkdtempSync(join(tmpdir(), 'soak-act-'))
const directory = given ?? join(temporary, 'policy')
if (given === undefined) await writeBundle(directory, tinyPolicy())
const { image, model } = readModelDescription(directory)
const latency = new LatencyWindow({ window: calls, budget: 20 })
const stream = random(1, 'frames')
const side = image.size
const frames = Array.from({ length: 16 }, () => ({
  width: side,
  height: side,
  data: Uint8Array.from({ length: 3 * side * side }, () => stream.integer(256)),
}))

const call = await caller()
async function caller(): Promise<(i: number) => Promise<unknown>> {
  const onNote = () => {}
  if (!isPolicy(model)) {
    const runtime = await DualEncoderRuntime.load(directory, { threads: 1, onNote })
    return (i) => runtime.embedImages([frames[i % 16]!])
  }
  const policy = await PolicyRuntime.load(directory, { threads: 1, onNote })
  await policy.warmUp()
  // Every command is new: what is remembered of commands must not grow.
  return (i) =>
    policy.act({ cameras: { camera: frames[i % 16]! }, command: `pick up the red cup number ${i}` })
}

async function settled(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage.rss() / 2 ** 20
}

const repeat = async (count: number) => {
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await call(i)
    latency.addSince(start)
  }
}
await repeat(Math.min(2000, calls))
const before = await settled()
await repeat(calls)
const after = await settled()
rmSync(temporary, { recursive: true, force: true })
console.log(JSON.stringify({ before, after, ...latency.latency }))

import { readFileSync } from 'node:fs'
import { Engine } from '../engine/index.ts'
import type { MemoryRequest } from './measure-memory.ts'
import { graphFile, graphNames } from './measure-speed.ts'
import { feedsOf } from './feeds.ts'

// A process of its own: load the ONNX files of a bundle, run each a few times, and say how much memory that took at most.

/** Runs after which ONNX Runtime keeps the memory that it needs. */
const runs = 3

process.once('message', async (request: MemoryRequest) => {
  const { folder, threads, samples } = request
  const engine = new Engine(threads === undefined ? {} : { threads })
  for (const graph of graphNames(folder)) {
    const program = await engine.load(readFileSync(graphFile(folder, graph)), { optimize: true })
    const feeds = feedsOf(program, samples)
    for (let run = 0; run < runs; run++) await program.run(feeds)
  }
  // Linux and macOS differ in the unit; Node gives kilobytes on both.
  process.send?.(1024 * process.resourceUsage().maxRSS, () => process.disconnect())
})

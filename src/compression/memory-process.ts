import { readFileSync } from 'node:fs'
import { Engine } from '../engine/index.ts'
import { feedsOf } from './feeds.ts'
import type { MemoryRequest } from './measure-memory.ts'
import { graphFile, graphNames } from './measure-speed.ts'

// A process of its own: load the ONNX files of a bundle, run each a few times, and say how much memory that took at most.

/** Number of runs after which ONNX Runtime keeps the memory that it needs. */
const runs = 3

process.once('message', async (request: MemoryRequest) => {
  const { folder, threads, samples } = request
  const engine = new Engine(threads === undefined ? {} : { threads })
  for (const graph of graphNames(folder)) {
    const program = await engine.load(readFileSync(graphFile(folder, graph)), { optimize: true })
    const feeds = feedsOf(program, samples)
    for (let run = 0; run < runs; run++) await program.run(feeds)
  }
  process.send?.(peakMemory(), () => process.disconnect())
})

/** Most resident memory of this process so far, in bytes. */
function peakMemory(): number {
  // On Linux `resourceUsage` also counts the process that started this one.
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : ''
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return 1024 * (kilobytes === undefined ? process.resourceUsage().maxRSS : Number(kilobytes))
}

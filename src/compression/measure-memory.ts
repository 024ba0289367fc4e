import { type Batch, EngineError, startProcess } from '../core/index.ts'
import type { BeforeAfter } from './measure-speed.ts'

/** Work of the process that measures: see `memory-process.ts`. */
export interface MemoryRequest {
  /** Folder of a bundle. */
  readonly folder: string
  readonly threads: number | undefined
  readonly samples: Batch
}

/** Peak of the resident memory of processes of their own, in bytes: the middle one, the least and the largest. */
export interface PeakMemory {
  readonly value: number
  readonly interval: readonly [low: number, high: number]
  readonly processes: number
}

/**
 * Peak memory of a process that does nothing but run a model's ONNX files on a batch, one process after the other, in turns
 * before and after.
 * @param processes Number of processes for each of the two.
 */
export async function measureMemory(
  folders: BeforeAfter<string>,
  samples: Batch,
  { threads, processes }: { readonly threads?: number | undefined; readonly processes: number },
): Promise<BeforeAfter<PeakMemory>> {
  const peaks: BeforeAfter<number[]> = { before: [], after: [] }
  for (let i = 0; i < processes; i++) {
    for (const which of ['before', 'after'] as const)
      peaks[which].push(await peakOf({ folder: folders[which], threads, samples }))
  }
  return { before: summaryOf(peaks.before), after: summaryOf(peaks.after) }
}

function summaryOf(peaks: readonly number[]): PeakMemory {
  const sorted = [...peaks].sort((a, b) => a - b)
  return {
    value: sorted[sorted.length >> 1]!,
    interval: [sorted[0]!, sorted.at(-1)!],
    processes: peaks.length,
  }
}

function peakOf(request: MemoryRequest): Promise<number> {
  const child = startProcess(import.meta.url, 'memory-process')
  return new Promise((resolve, reject) => {
    child.once('message', (bytes) => resolve(bytes as number))
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(
        new EngineError(
          'compression/memory-process',
          `the process that measures the memory ended with ${signal ?? code} before it was done: ${request.folder}`,
          { code, signal },
        ),
      ),
    )
    child.send(request)
  })
}

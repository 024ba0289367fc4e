import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { FileLock } from '../src/compression/index.ts'

/** Work that one process does and all see by its files. */
export interface Job {
  /** Name of its lock. */
  readonly name: string
  isDone(): boolean
  /** True once all that it stands on is done. */
  isReady(): boolean
  run(): Promise<void>
}

/**
 * Do what nobody has done yet, until all is done. Several processes, on several hosts, share the work by locks; that of a dead
 * process is taken over.
 * @param home Directory of the locks. @param onDone Called after each job of this process.
 * @param pause Milliseconds to wait while others do all that could be done now.
 */
export async function shareWork(
  jobs: readonly Job[],
  home: string,
  onDone: () => void,
  pause = 5000,
): Promise<void> {
  for (let open = jobs; open.length > 0; open = open.filter((job) => !job.isDone())) {
    const claimed = claim(open, home)
    if (!claimed) {
      await setTimeout(pause)
      continue
    }
    try {
      if (!claimed.job.isDone()) await claimed.job.run()
    } finally {
      claimed.lock.release()
    }
    onDone()
  }
}

/** Claim the first job that stands on finished ones and that no other process is at. */
function claim(
  open: readonly Job[],
  home: string,
): { readonly job: Job; readonly lock: FileLock } | undefined {
  for (const job of open) {
    if (job.isDone() || !job.isReady()) continue
    const lock = new FileLock(join(home, 'locks', job.name))
    if (lock.take() === undefined) continue
    lock.keep()
    return { job, lock }
  }
  return undefined
}

/** A page with a text between the markers `<!-- name: begin -->` and `<!-- name: end -->` in place of what was there. */
export function betweenMarkers(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`the page has no '${begin}' before a '${end}'`)
  return `${page.slice(0, from)}${begin}\n${text}\n${page.slice(to)}`
}

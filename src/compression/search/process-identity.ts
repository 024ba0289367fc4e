import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { WorkerIdentity } from './event.ts'

/** Identity of a process: a number may be used again, a number with its time of start is not. */
export function identityOf(pid: number = process.pid): WorkerIdentity {
  const began = startOf(pid)
  return { host: hostname(), pid, ...(began !== undefined && { began }) }
}

/** Tell whether a process of this host lives; undefined for one of another host, which cannot be seen from here. */
export function livesHere({ host, pid, began }: WorkerIdentity): boolean | undefined {
  if (host !== hostname()) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = startOf(pid)
  return now === undefined || began === undefined || now === began
}

/** Start of a process in ticks since boot, where the system has `/proc`; undefined elsewhere, and for a dead process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; the state is the first field behind it, the start the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'dead' : fields[19]
  } catch {
    return undefined
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'

/**
 * A worker thread that runs the module `name` beside the module at `base` (its `import.meta.url`). Compiled code
 * starts compiled code; TypeScript sources (tests, development) are started through tsx.
 * @param workerData Plain data, which the thread finds under this name in `node:worker_threads`.
 */
export function startWorker(base: string, name: string, workerData: unknown): Worker {
  const extension = base.endsWith('.ts') ? '.ts' : '.js'
  const execArgv = extension === '.ts' ? ['--import', registerTypeScript()] : []
  return new Worker(new URL(`./${name}${extension}`, base), { workerData, execArgv })
}

/**
 * A process that runs the module `name` beside the module at `base`, as {@link startWorker} starts a thread. What is sent to
 * it may hold typed arrays.
 */
export function startProcess(base: string, name: string): ChildProcess {
  const extension = base.endsWith('.ts') ? '.ts' : '.js'
  const execArgv = extension === '.ts' ? ['--import', registerTypeScript()] : []
  return fork(new URL(`./${name}${extension}`, base), { execArgv, serialization: 'advanced' })
}

/** `--import tsx` registers in the main thread only; this does it in a worker. */
function registerTypeScript(): string {
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register()`
  return `data:text/javascript,${encodeURIComponent(code)}`
}

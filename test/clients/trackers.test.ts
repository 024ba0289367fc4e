import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { resume, train } from '../../src/index.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

/** An interpreter that has mlflow or trackio; name it in PYTHON. */
const interpreter = process.env.PYTHON ?? 'python3'
const has = (name: string): boolean => {
  const code = `import importlib.util; raise SystemExit(not importlib.util.find_spec('${name}'))`
  return spawnSync(interpreter, ['-c', code]).status === 0
}
const [hasMlflow, hasTrackio] = [has('mlflow'), has('trackio')]
const skipped = (name: string, isThere: boolean) => (isThere ? '' : ` (skipped: PYTHON has no ${name})`)

const ends: (() => void)[] = []
afterAll(() => {
  for (const end of ends) end()
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

/** Start a server in Python and wait until it answers. */
async function serve(
  path: string,
  argv: (port: number, folder: string) => string[],
  env: NodeJS.ProcessEnv = {},
) {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'tracker-'))
  const child = spawn(interpreter, argv(port, folder), {
    ...{ stdio: 'ignore', detached: true, cwd: folder },
    env: { ...process.env, TRACKIO_DIR: folder, ...env },
  })
  ends.push(() => child.pid !== undefined && process.kill(-child.pid))
  const url = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const isUp = await fetch(`${url}${path}`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return url
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** A run that is stopped in the middle and goes on. */
async function trackedRun(track: string) {
  const { home, file } = await shapesRecipe()
  const { default: recipe } = await import(file)
  const out = join(home, 'photos')
  const stop = new AbortController()
  const stopper = { onStep: (step: number) => void (step === 18 && stop.abort()) }
  const notes: string[] = []
  const callbacks = [stopper, { onNote: (text: string) => void notes.push(text) }]
  await train(recipe(), { out, track: [track], signal: stop.signal, callbacks })
  await resume(out, { callbacks })
  expect(notes.filter((note) => /tracker|mlflow|trackio/i.test(note))).toEqual([])
}

const logged = [5, 10, 15, 20, 25, 30, 35, 40]

describe.skipIf(!hasMlflow)(`MLflow's server${skipped('mlflow', hasMlflow)}`, () => {
  test('has one run with parameters, every step once, and the results', { timeout: 300_000 }, async () => {
    const url = await serve('/health', (port, folder) => [
      ...['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--default-artifact-root', folder],
    ])
    const ask = async (path: string, body?: unknown) => {
      const options = body ? { method: 'POST', body: JSON.stringify(body) } : {}
      const headers = { 'content-type': 'application/json' }
      return (await fetch(`${url}/api/2.0/mlflow/${path}`, { ...options, headers })).json()
    }
    await ask('experiments/search', { max_results: 1 }) // the first request takes a server long
    await trackedRun(`mlflow=${url}?experiment=doors`)
    const { experiment } = await ask('experiments/get-by-name?experiment_name=doors')
    const { runs } = await ask('runs/search', { experiment_ids: [experiment.experiment_id] })
    expect(runs).toHaveLength(1)
    const [{ info, data }] = runs
    expect(info).toMatchObject({ run_name: 'photos', status: 'FINISHED' })
    expect(data.params).toContainEqual({ key: 'optimizer.learningRate', value: '0.003' })
    const stepsOf = async (key: string) => {
      const found = await ask(
        `metrics/get-history?run_id=${info.run_id}&metric_key=${encodeURIComponent(key)}`,
      )
      return found.metrics.map(({ step = 0 }: { step?: number }) => step)
    }
    expect(await stepsOf('train/loss')).toEqual(logged)
    expect(await stepsOf('test/shapes/imageToText/R_at_1')).toEqual([40])
  })
})

describe.skipIf(!hasTrackio)(`trackio's server${skipped('trackio', hasTrackio)}`, () => {
  test('has one run with every step once, and the results', { timeout: 300_000 }, async () => {
    vi.stubEnv('TRACKIO_WRITE_TOKEN', 'write')
    const code =
      'import sys, trackio; trackio.show(open_browser=False, block_thread=True, server_port=int(sys.argv[1]))'
    const url = await serve('/version', (port) => ['-c', code, String(port)])
    await trackedRun(`trackio=${url}?project=doors`)
    const ask = async (name: string, kwargs: unknown) => {
      const options = { method: 'POST', body: JSON.stringify({ args: [], kwargs }) }
      return (await fetch(`${url}/api/${name}`, options)).json()
    }
    const { data: logs } = await ask('get_logs', { project: 'doors', run: 'photos' })
    const stepsOf = (key: string) =>
      logs.flatMap((log: Record<string, unknown>) => (log[key] === undefined ? [] : log.step))
    expect(stepsOf('train/loss')).toEqual(logged)
    expect(stepsOf('test/shapes/imageToText/R@1')).toEqual([40])
  })
})

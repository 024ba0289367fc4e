import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { startProcess, startWorker } from './worker-module.ts'

const folder = mkdtempSync(join(tmpdir(), 'worker-module-'))
afterAll(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')

const answer = (from: { once(event: 'message', listener: (message: unknown) => void): unknown }) =>
  new Promise((resolve) => from.once('message', resolve))

test.each([
  ['TypeScript', 'ts'],
  ['JavaScript', 'js'],
])('a module in %s starts its neighbour in a thread and in a process', async (_, extension) => {
  const own = extension === 'ts' ? ' as unknown as string' : ''
  const thread = `import { parentPort, workerData } from 'node:worker_threads'\nparentPort.postMessage(workerData${own})\n`
  writeFileSync(join(folder, `thread.${extension}`), thread)
  writeFileSync(join(folder, `process.${extension}`), `process.send(new Float32Array([1, 2])${own})\n`)
  const base = pathToFileURL(join(folder, `own.${extension}`)).href
  const worker = startWorker(base, 'thread', 'told')
  expect(await answer(worker)).toBe('told')
  await worker.terminate()
  const child = startProcess(base, 'process')
  expect(await answer(child)).toEqual(new Float32Array([1, 2]))
  child.disconnect()
})

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { float32 } from '../../src/core/index.ts'
import { DualEncoderRuntime, PolicyRuntime } from '../../src/deploy/index.ts'
import { ActionChunkBroker, NumpyArray, PolicyClient } from '../../src/deploy/servers/index.ts'
import { observationOf, serveTiny } from '../support/served.ts'

/** An interpreter that has openpi-client, tritonclient and schemathesis; name it in PYTHON. */
const interpreter = process.env.PYTHON ?? 'python3'
const has = (...packages: string[]): boolean => {
  const found = `all(__import__('importlib.util').util.find_spec(m) for m in ${JSON.stringify(packages)})`
  return spawnSync(interpreter, ['-c', `raise SystemExit(not ${found})`]).status === 0
}

/** What a script printed, as it runs beside this process, which serves it. */
function python(...argv: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return pythonIn(import.meta.dirname, ...argv)
}

function pythonIn(
  cwd: string,
  ...argv: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  const child = spawn(interpreter, argv, { cwd, env })
  const [out, err]: [string[], string[]] = [[], []]
  child.stdout.on('data', (data) => out.push(String(data)))
  child.stderr.on('data', (data) => err.push(String(data)))
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, stdout: out.join(''), stderr: err.join('') })),
  )
}

async function session<Result>(...argv: string[]): Promise<Result> {
  const { status, stdout, stderr } = await python(...argv)
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Result
}

function expectClose(found: readonly number[], expected: ArrayLike<number>): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of Array.from(expected).entries()) expect(found[i]).toBeCloseTo(value, 4)
}

const skipped = (what: string, isThere: boolean) =>
  isThere ? '' : ` (skipped: PYTHON names no interpreter with ${what})`

const hasOpenpi = has('openpi_client')
describe.skipIf(!hasOpenpi)(`openpi-client from PyPI${skipped('openpi-client', hasOpenpi)}`, () => {
  test('drives a policy, unchanged', async () => {
    const token = 'an-api-key-of-openpi'
    const served = await serveTiny('policy', { token })
    try {
      const { port } = new URL(served.server.url)
      const found = await session<{
        metadata: object
        pixels: number[]
        actions: number[][]
        dtype: string
        keys: string[]
        timing: Record<string, number>
        step: number[]
        grasp: number[]
        error: string
      }>('openpi_client_session.py', '127.0.0.1', port, '3', token)
      const runtime = await PolicyRuntime.load(served.folder, { threads: 1, onNote: () => {} })
      const pixels = { width: 32, height: 32, data: Uint8Array.from(found.pixels) }
      const { joints, grasp } = await runtime.predict({ pixels, command: 'pick up the red cup' })
      expectClose(found.actions.flat(), joints!)
      expect(found.actions).toHaveLength(1)
      expect(found.dtype).toBe('<f4')
      expectClose(found.step, joints!)
      expectClose(found.grasp, grasp!)
      expect(found.metadata).toMatchObject({ action_horizon: 1, action_dim: 7 })
      expect(found.keys).toEqual(expect.arrayContaining(['actions', 'policy_timing', 'server_timing']))
      expect(found.timing.prev_total_ms).toBeGreaterThan(0)
      expect(found.error).toMatch(/^Error in inference server:\nerror \[serve\/observation\]: /)
      const refused = await python(
        'openpi_client_session.py',
        '127.0.0.1',
        port,
        '3',
        'another-key-of-openpi',
      )
      expect(refused.status).not.toBe(0)
      expect(refused.stderr).toMatch(/401/)
    } finally {
      await served.end()
    }
  })

  test("PolicyClient drives openpi's server", async () => {
    const child = spawn(interpreter, ['openpi_server.py'], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    try {
      const [port] = await new Promise<string[]>((resolve) =>
        createInterface({ input: child.stdout }).once('line', (line) => resolve([line])),
      )
      const client = await PolicyClient.connect(`ws://127.0.0.1:${port}`)
      expect(client.metadata).toEqual({ reset_pose: [0, -1.5, 1.5, 0, 0, 0] })
      const observation = observationOf(2)
      const image = observation['observation/image'].data as Uint8Array
      const mean = image.reduce((sum, value) => sum + value, 0) / image.length
      const broker = new ActionChunkBroker(client, 4)
      for (let step = 0; step < 6; step++) {
        const { actions } = await broker.infer(observation)
        expect((actions as NumpyArray).dtype).toBe('<f8')
        const [first, second, third] = (actions as NumpyArray).data as Float64Array
        expect(first).toBeCloseTo(mean, 9)
        expect([second, third]).toEqual([0, step % 4])
      }
      await expect(client.infer({ ...observation, prompt: 'fail' })).rejects.toMatchObject({
        code: 'serve/unanswered',
        message: expect.stringMatching(/KeyError: 'no such task'/),
      })
      expect((await client.infer(observation)).actions).toBeInstanceOf(NumpyArray) // by a new connection
      await client.close()
    } finally {
      child.kill('SIGKILL')
    }
  })
})

const hasTriton = has('tritonclient', 'PIL')
describe.skipIf(!hasTriton)(`tritonclient from PyPI${skipped('tritonclient[http]', hasTriton)}`, () => {
  test('infers by JSON and by binary data', async () => {
    const served = await serveTiny('dual-encoder')
    try {
      const found = await session<{
        live: boolean
        ready: boolean
        server: { extensions: string[] }
        model: { inputs: object[] }
        pixels: number[]
        same: boolean
        features: number[][]
        texts: number[][]
        images: number[][]
        error: { message: string; status: string }
      }>('triton_session.py', served.server.url.replace('http://', ''), '32')
      expect(found).toMatchObject({ live: true, ready: true, same: true })
      expect(found.server.extensions).toEqual(['binary_tensor_data'])
      expect(found.model.inputs).toEqual([{ name: 'pixel_values', datatype: 'FP32', shape: [-1, 3, 32, 32] }])
      const runtime = await DualEncoderRuntime.load(served.folder, { threads: 1 })
      expectClose(
        found.features.flat(),
        await runtime.runner.encodeImages(float32([2, 3, 32, 32], found.pixels)),
      )
      expectClose(found.texts.flat(), await runtime.embedTexts(['a red car', 'a dog']))
      const grey = { width: 32, height: 32, data: new Uint8Array(3 * 32 * 32).fill(90) }
      expectClose(found.images.flat(), await runtime.embedImages([grey]))
      expect(found.error.status).toMatch(/400/)
      expect(found.error.message).toMatch(/^\[serve\/tensor\] tensor pixel_values: its shape is/)
    } finally {
      await served.end()
    }
  })
})

const hasSchemathesis = has('schemathesis')
describe.skipIf(!hasSchemathesis)(`schemathesis${skipped('schemathesis', hasSchemathesis)}`, () => {
  // A text of base64 need not be an image, nor an object a tensor: what the schema allows may still be refused with 400.
  const checks = ['--checks', 'all', '--exclude-checks', 'positive_data_acceptance']

  test.each(['policy', 'dual-encoder', 'chunks', 'vlm'] as const)(
    'finds what the OpenAPI document of a %s says',
    async (kind) => {
      const served = await serveTiny(kind)
      const notes = mkdtempSync(join(tmpdir(), 'schemathesis-')) // it keeps some of its own where it runs
      try {
        const argv = ['run', `${served.server.url}/openapi.json`, ...checks]
        const few = ['--max-examples', process.env.SCHEMATHESIS_EXAMPLES ?? '8', '--seed', '18', '--no-color']
        const main = 'from schemathesis.cli import schemathesis; schemathesis()'
        const { status, stdout, stderr } = await pythonIn(notes, '-c', main, ...argv, ...few)
        expect(status, stdout + stderr).toBe(0)
      } finally {
        await served.end()
        rmSync(notes, { recursive: true })
      }
    },
  )
})

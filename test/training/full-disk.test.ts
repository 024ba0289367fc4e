import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { syntheticTrainer } from './synthetic-run.ts'

/** On Linux, every write to it fails as on a full disk. */
const fullDevice = '/dev/full'

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const isTooMuch = (path: unknown) => /checkpoints\/10\..*\/optimizer/.test(String(path))
  const openSync: typeof fs.openSync = (path, ...rest) =>
    fs.openSync(isTooMuch(path) ? fullDevice : path, ...rest)
  return { ...fs, openSync }
})

const run = mkdtempSync(join(tmpdir(), 'full-disk-'))
afterAll(() => rmSync(run, { recursive: true }))

it.skipIf(!existsSync(fullDevice))(
  'a checkpoint on a full disk names its file, the bytes it needs and the last good checkpoint, and leaves nothing',
  async () => {
    const { trainer } = await syntheticTrainer({ run })
    const [file, last] = [join(run, 'checkpoints/10/optimizer.safetensors'), join(run, 'checkpoints/5')]
    const failed = trainer.run()
    await expect(failed).rejects.toMatchObject({
      code: 'file/no-space',
      facts: { file, bytes: expect.any(Number) },
    })
    await expect(failed).rejects.toThrow(
      new RegExp(
        `^${file} cannot be written: the disk is full, \\d+\\.\\d MB are needed, .* MB are free\\. .*` +
          `The last good checkpoint is ${last}: go on from it with --resume$`,
      ),
    )
    expect(readdirSync(join(run, 'checkpoints'))).toEqual(['5'])
  },
)

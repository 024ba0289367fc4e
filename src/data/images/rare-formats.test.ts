import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DataError } from '../../core/index.ts'
import { decodeImage } from './decode.ts'

interface Golden {
  readonly levels: readonly number[]
  readonly files: Readonly<
    Record<string, { file: string; tolerance: number; refused: string | null; grey?: boolean }>
  >
}

const path = new URL('../../../test/golden/images/formats.json', import.meta.url)
const { levels, files }: Golden = JSON.parse(readFileSync(path, 'utf8'))

const sampleOf = (file: string) => ({
  id: 'one',
  image: { bytes: new Uint8Array(Buffer.from(file, 'base64')) },
  origin: { file: 'list.csv', line: 3 },
})

/** The middle of the picture of 6 × 5 pixels: its first five columns. */
const square = { resolution: 5, fit: 'cover' } as const

test.each(Object.entries(files).filter(([, { refused }]) => refused === null))(
  '%s has the colours that were written',
  async (_, { file, tolerance, grey = false }) => {
    const { data } = await decodeImage(sampleOf(file), square)
    for (let i = 0; i < 25; i++) {
      const [x, y] = [i % 5, Math.floor(i / 5)]
      for (let c = 0; c < 3; c++) {
        const expected = levels[(y * 6 + x) * 3 + (grey ? 0 : c)]!
        expect(Math.abs(data[i * 4 + c]! - expected), `(${x}, ${y}) ${c}`).toBeLessThanOrEqual(tolerance)
      }
      expect(data[i * 4 + 3]).toBe(255)
    }
  },
)

test.each(Object.entries(files).filter(([, { refused }]) => refused !== null))(
  '%s is refused, and its kind is named',
  async (_, { file, refused }) => {
    const attempt = decodeImage(sampleOf(file), square)
    await expect(attempt).rejects.toThrow(DataError)
    await expect(attempt).rejects.toThrow(refused!)
    await expect(attempt).rejects.toMatchObject({ code: 'data/unreadable-image', facts: { line: 3 } })
  },
)

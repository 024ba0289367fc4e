import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { tarEntries } from './tar-entries.ts'

const golden = join(import.meta.dirname, '../../../test/golden/tar')
const directory = mkdtempSync(join(tmpdir(), 'tar-'))
afterAll(() => rmSync(directory, { recursive: true }))

async function contents(path: string, wanted = (_: string) => true): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { name, read } of tarEntries(path)) {
    if (wanted(name)) found[name] = Buffer.from(await read()).toString()
  }
  return found
}

/** What test/golden/tar/make.py puts in each. */
const files = {
  'short.txt': 'short',
  'empty.txt': '',
  [`${'a-folder/'.repeat(12)}in-a-deep-folder.txt`]: 'deep'.repeat(200),
  [`${'b'.repeat(120)}.txt`]: 'a long name',
  'naïve/🍎.txt': 'not ASCII: 🍎',
  'last.txt': 'x'.repeat(512),
}

describe('tar', () => {
  it.each(['gnu', 'pax'])('of format %s gives names and contents, whatever their length', async (format) => {
    expect(await contents(join(golden, `${format}.tar`))).toEqual(files)
  })

  it('of format ustar joins the two parts of a name', async () => {
    const { [`${'b'.repeat(120)}.txt`]: _, ...short } = files
    expect(await contents(join(golden, 'ustar.tar'))).toEqual(short)
  })

  it('takes sizes in binary', async () => {
    expect(await contents(join(golden, 'binary-size.tar'))).toEqual({ 'binary.txt': 'counted in binary' })
  })

  it('gives what is read, whatever is passed over', async () => {
    const path = join(golden, 'pax.tar')
    for (const only of Object.keys(files)) {
      expect(await contents(path, (name) => name === only)).toEqual({
        [only]: files[only as keyof typeof files],
      })
    }
  })

  it('gives bytes of their own, also of a file larger than what is fetched at once', async () => {
    const header = readFileSync(join(golden, 'binary-size.tar')).subarray(0, 512)
    const content = Buffer.alloc(3 * 1024 ** 2 + 17, 'content ')
    header.writeUInt32BE(content.length, 132)
    header.fill(' ', 148, 156)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    const path = join(directory, 'large.tar')
    writeFileSync(path, Buffer.concat([header, content, Buffer.alloc(512 - 17 + 1024)]))
    for await (const { read } of tarEntries(path)) {
      const bytes = await read()
      expect(Buffer.compare(bytes, content)).toBe(0)
    }
    for await (const { name, read } of tarEntries(join(golden, 'gnu.tar'))) {
      expect((await read()).buffer.byteLength).toBe(Buffer.byteLength(files[name as keyof typeof files]!))
    }
  })

  it('cut anywhere gives the files before the cut and then an error', async () => {
    const whole = readFileSync(join(golden, 'ustar.tar'))
    const path = join(directory, 'cut.tar')
    const all = Object.keys(await contents(join(golden, 'ustar.tar')))
    for (let length = 0; length < 12 * 512; length += 256) {
      writeFileSync(path, whole.subarray(0, length))
      const found: string[] = []
      const pass = async () => {
        for await (const { name, read } of tarEntries(path)) {
          await read()
          found.push(name)
        }
      }
      await expect(pass()).rejects.toMatchObject({ code: 'data/damaged-shard', facts: { file: path } })
      expect(found).toEqual(all.slice(0, found.length))
    }
  })

  it('with a flipped byte in a header is damaged, and so is what is no archive', async () => {
    const bytes = readFileSync(join(golden, 'pax.tar'))
    bytes[3 * 512 + 1]! ^= 1
    const path = join(directory, 'flipped.tar')
    writeFileSync(path, bytes)
    await expect(contents(path)).rejects.toThrow(
      /flipped\.tar: cannot read on from short\.txt: Invalid tar header/,
    )
    await expect(contents(join(directory, 'none.tar'))).rejects.toThrow(
      /none\.tar: cannot read on from its beginning/,
    )
    writeFileSync(path, gzipSync(bytes, { level: 0 }))
    await expect(contents(path)).rejects.toThrow(/compressed by gzip; unpack it/)
  })
})

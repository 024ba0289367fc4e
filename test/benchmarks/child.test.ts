import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Child } from '../../benchmarks/child.ts'

const children: Child[] = []
afterEach(async () => {
  for (const child of children.splice(0)) await child.end()
})

function node(code: string): Child {
  const child = new Child({ command: process.execPath, arguments: ['-e', code] })
  children.push(child)
  return child
}

const reply = z.object({ value: z.number() })
const echo = `
  const { writeSync } = require('node:fs')
  console.log('what libraries print')
  writeSync(3, '{"value":1}\\n')
  process.stdin.on('data', (line) => writeSync(3, JSON.stringify({ value: JSON.parse(line).double * 2 }) + '\\n'))`

describe('a child of the benchmark', () => {
  it('speaks first, then answers, whatever else it prints', async () => {
    const child = node(echo)
    expect(await child.reply(reply)).toEqual({ value: 1 })
    expect(await child.ask({ double: 21 }, reply)).toEqual({ value: 42 })
  })

  it('tells how much memory it took, where the system does', async () => {
    const child = node(echo)
    await child.reply(reply)
    if (process.platform === 'linux') expect(child.peakMemoryBytes).toBeGreaterThan(10e6)
    else expect(child.peakMemoryBytes).toBeUndefined()
  })

  it('fails with the error it ended with', async () => {
    await expect(node("throw new TypeError('no such thing')").reply(reply)).rejects.toThrow(
      'TypeError: no such thing',
    )
    await expect(node('process.exit(3)').reply(reply)).rejects.toThrow('exit code 3')
    const missing = new Child({ command: 'no-such-program', arguments: [] })
    await expect(missing.reply(reply)).rejects.toThrow('no-such-program')
  })

  it('fails when it takes too long', async () => {
    await expect(node('setTimeout(() => {}, 60_000)').reply(reply, 0.1)).rejects.toThrow('within 0.1 seconds')
  })

  it('does not inherit what would slow its OpenBLAS', async () => {
    process.env.OPENBLAS_CORETYPE = 'Haswell'
    try {
      const child = node(`
        const value = 'OPENBLAS_CORETYPE' in process.env ? 1 : 0
        require('node:fs').writeSync(3, JSON.stringify({ value }) + '\\n')`)
      expect(await child.reply(reply)).toEqual({ value: 0 })
    } finally {
      delete process.env.OPENBLAS_CORETYPE
    }
  })
})

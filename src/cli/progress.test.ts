import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { Output } from './output.ts'
import { progress } from './progress.ts'

const silent = { result: () => expect.unreachable(), note: () => expect.unreachable() }

test.each([4, undefined])('tells how much was done where nobody looks (of %s)', (total) => {
  const notes: string[] = []
  const output: Output = { ...silent, note: (text) => void notes.push(text) }
  const bar = progress(output, 'images', total)
  bar.advance(3)
  bar.advance(1)
  bar.finish()
  expect(notes).toEqual([expect.stringMatching(/^images: 4 in \d/)])
})

test('draws a bar on a terminal', () => {
  const terminal = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    cursorTo() {},
    clearLine() {},
  })
  const drawn: string[] = []
  terminal.on('data', (chunk) => drawn.push(String(chunk)))
  const bar = progress({ ...silent, terminal }, 'images', 4)
  bar.advance(4)
  bar.finish()
  expect(drawn.join('')).toMatch(/images .*4\/4 .*\/s .*left/)
})

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FileLock } from './lock.ts'
import { identityOf, livesHere } from './process-identity.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const sleeper = (): ChildProcess => spawn('sleep', ['60'], { stdio: 'ignore' })
const ended = (child: ChildProcess) => new Promise((resolve) => child.on('close', resolve))

it('is held by one at a time, and given on', () => {
  const [a, b] = [new FileLock(folder), new FileLock(folder)]
  expect(a.take()).toBe(1)
  expect(b.take()).toBeUndefined()
  expect(b.holder()).toMatchObject({ pid: process.pid, turn: 1 })
  a.release()
  expect(a.holder()).toBeUndefined()
  expect(b.take()).toBe(2)
  expect(a.take()).toBeUndefined()
  b.release()
  expect(readdirSync(folder).sort()).toEqual(['2', '2.free'])
})

it('follows a holder that was killed, however often it is asked at once', async () => {
  const child = sleeper()
  writeFileSync(join(folder, '7'), JSON.stringify(identityOf(child.pid!)))
  const locks = [0, 1, 2].map(() => new FileLock(folder))
  expect(locks.map((lock) => lock.take())).toEqual([undefined, undefined, undefined])
  child.kill('SIGKILL')
  await ended(child)
  expect(locks.map((lock) => lock.take())).toEqual([8, undefined, undefined])
})

it('does not take another process with the same number for the holder', () => {
  const now = identityOf()
  expect(livesHere(now)).toBe(true)
  if (now.began === undefined) return // a system without /proc
  expect(livesHere({ ...now, began: '1' })).toBe(false)
  writeFileSync(join(folder, '3'), JSON.stringify({ ...now, began: '1' }))
  expect(new FileLock(folder).take()).toBe(4)
})

it('gives a holder of another host two minutes without a sign', () => {
  const file = join(folder, '1')
  writeFileSync(file, JSON.stringify({ host: 'elsewhere', pid: 1 }))
  expect(new FileLock(folder).take()).toBeUndefined()
  const past = Date.now() / 1000 - 200
  utimesSync(file, past, past)
  expect(new FileLock(folder).take()).toBe(2)
})

it('asks the clock of the file system how old a sign is, not that of this host', () => {
  writeFileSync(join(folder, '1'), JSON.stringify({ host: 'elsewhere', pid: 1 }))
  vi.useFakeTimers({ now: Date.now() + 3_600_000 })
  try {
    expect(new FileLock(folder).take()).toBeUndefined()
  } finally {
    vi.useRealTimers()
  }
  expect(readdirSync(folder)).toEqual(['1'])
})

it('gives signs while it is kept for long', () => {
  const lock = new FileLock(folder)
  lock.take()
  const file = join(folder, '1')
  const past = Date.now() / 1000 - 200
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    lock.keep()
    utimesSync(file, past, past)
    vi.advanceTimersByTime(10_000)
    expect(statSync(file).mtimeMs / 1000).toBeGreaterThan(past + 100)
    lock.release()
    utimesSync(file, past, past)
    vi.advanceTimersByTime(60_000)
    expect(statSync(file).mtimeMs / 1000).toBeLessThan(past + 100)
  } finally {
    vi.useRealTimers()
  }
})

it('waits for a holder that has made its file and not written it yet, but not for ever', () => {
  const file = join(folder, '1')
  writeFileSync(file, '')
  expect(new FileLock(folder).take()).toBeUndefined()
  const past = Date.now() / 1000 - 10
  utimesSync(file, past, past)
  expect(new FileLock(folder).take()).toBe(2)
})

it('refuses a late one whose turn was given on and removed', () => {
  const lock = new FileLock(folder)
  writeFileSync(join(folder, '5'), JSON.stringify(identityOf()))
  writeFileSync(join(folder, '5.free'), '')
  // Between its look and its try others had the turns 6 and 7; only 7 is left.
  const late = new FileLock(folder)
  const take = late.take.bind(late)
  writeFileSync(join(folder, '7'), JSON.stringify(identityOf()))
  rmSync(join(folder, '5'))
  rmSync(join(folder, '5.free'))
  expect(take()).toBeUndefined()
  expect(lock.holder()?.turn).toBe(7)
})

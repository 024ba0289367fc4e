import { EventEmitter } from 'node:events'
import { expect, it, vi } from 'vitest'
import { startThreads, takeThread } from './loader-threads.ts'

const started = vi.hoisted((): EventEmitter[] => [])

vi.mock('../core/index.ts', () => ({
  startWorker() {
    const worker = Object.assign(new EventEmitter(), { unref: () => {} })
    started.push(worker)
    return worker
  },
}))

it('threads that wait are taken once each, then others are started', () => {
  startThreads(2)
  startThreads(2) // they wait already
  expect(started.length).toBe(2)
  expect([takeThread(), takeThread(), takeThread()]).toEqual(started)
  expect(started.length).toBe(3)
})

it.each(['error', 'exit'])('a thread that has ended with %s is not taken', (event) => {
  startThreads(1)
  const ended = started.at(-1)!
  ended.emit(event, new Error('no memory'))
  expect(takeThread()).not.toBe(ended)
  expect(takeThread()).not.toBe(ended)
})

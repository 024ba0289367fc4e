import { expect, test } from 'vitest'
import { AsynchronousChunks, queuedChunks } from '../../deploy/index.ts'
import { Delay } from './delay.ts'

/** Chunks of eight whose action at step t of the world is [t]. */
const predict = async (step: number) => Array.from({ length: 8 }, (_, i) => [step + i])

/** Actions of a world of so many steps; "hold" where the robot waited. */
async function act(next: (step: number) => Promise<readonly number[]>, delay: Delay, steps: number) {
  const actions: (number | 'hold')[] = []
  const pass = (action: number | 'hold') => {
    actions.push(action)
    delay.tick()
  }
  while (actions.length < steps) pass((await delay.until(next(actions.length), () => pass('hold')))[0]!)
  return actions
}

test('a robot that waits for a late chunk holds, and then acts on what is past', async () => {
  const delay = new Delay(2)
  const stream = queuedChunks(delay.late(predict), 4)
  expect(await act(stream.next, delay, 12)).toEqual([
    ...['hold', 'hold', 0, 1, 2, 3],
    ...['hold', 'hold', 6, 7, 8, 9],
  ])
})

test('one that asks ahead holds for its first chunk only, and leaves out what is past', async () => {
  const delay = new Delay(2)
  const stream = new AsynchronousChunks(delay.late(predict), { ask: 4, blend: 0 })
  const actions = await act((step) => stream.next(step), delay, 20)
  expect(actions.slice(0, 2)).toEqual(['hold', 'hold'])
  expect(actions.slice(2)).not.toContain('hold')
  // The first chunk was two steps old when it came; all later ones are of their steps.
  expect(actions.slice(-6)).toEqual([14, 15, 16, 17, 18, 19])
})

test('without latency nothing waits', async () => {
  const delay = new Delay(0)
  expect(await act(queuedChunks(delay.late(predict), 4).next, delay, 6)).toEqual([0, 1, 2, 3, 4, 5])
})

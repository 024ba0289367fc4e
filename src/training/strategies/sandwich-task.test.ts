import { expect, it } from 'vitest'
import { z } from 'zod'
import type { StepRequest, Task } from '../task.ts'
import { sandwichTask } from './sandwich-task.ts'

/** Calls of tasks that compute nothing: their names, memories and requests. */
function watched() {
  const calls: string[] = []
  const released: string[] = []
  const requests: (StepRequest | undefined)[] = []
  const task = (name: string, loss: number): Task => {
    let steps = 0
    return {
      name,
      parameters: new Map(),
      memory: {
        schema: z.number(),
        get value() {
          return steps
        },
        set value(value) {
          steps = value as number
        },
      },
      computeGradients: async (_, __, ___, request) => {
        calls.push(`${name} ${steps++}`)
        requests.push(request)
        return { loss, numbers: { own: loss } }
      },
      release: () => void released.push(name),
      evaluate: async () => ({ name: loss }),
    }
  }
  const sandwich = () =>
    sandwichTask({
      largest: task('largest', 1),
      smallest: task('smallest', 2),
      random: 2,
      redrawSteps: 2,
      draw: (draw) => task(`drawn ${draw}`, 3 + draw),
    })
  return { calls, released, requests, sandwich }
}

const step = (task: Task) => task.computeGradients([], {} as never, {} as never)

it('takes largest, smallest and drawn with the same memory; only the first replaces gradients', async () => {
  const { calls, requests, sandwich } = watched()
  const task = sandwich()
  await step(task)
  const { loss, numbers } = await step(task)
  expect({ loss, numbers }).toEqual({ loss: 1, numbers: { own: 1, smallestLoss: 2, drawnLoss: 3.5 } })
  expect(calls.slice(4)).toEqual(['largest 1', 'smallest 1', 'drawn 0 1', 'drawn 1 1'])
  expect(requests.slice(0, 4).map((request) => request?.accumulate)).toEqual([undefined, true, true, true])
})

it('draws others every few steps, frees those before, and does the same after a resumption', async () => {
  const { calls, released, sandwich } = watched()
  const first = sandwich()
  for (let i = 0; i < 3; i++) await step(first)
  expect(calls.slice(8)).toEqual(['largest 2', 'smallest 2', 'drawn 2 2', 'drawn 3 2'])
  expect(released).toEqual(['drawn 0', 'drawn 1'])
  const second = sandwich()
  second.memory!.value = second.memory!.schema.parse(JSON.parse(JSON.stringify(first.memory!.value)))
  await step(second)
  await step(first)
  expect(calls.slice(12, 16)).toEqual(['largest 3', 'smallest 3', 'drawn 2 3', 'drawn 3 3'])
  expect(calls.slice(16)).toEqual(calls.slice(12, 16))
})

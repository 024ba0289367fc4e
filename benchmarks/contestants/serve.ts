import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** What a child of the benchmark was started with. */
export const task = <Task>(): Task => JSON.parse(process.argv[2] ?? '{}') as Task

/** The life of a child of the benchmark: one reply when it is ready, then one for every request (see `Child`). */
export async function serve<Request>(
  first: object,
  answer: (request: Request) => Promise<object>,
): Promise<void> {
  const reply = (value: object) => writeSync(3, `${JSON.stringify(value)}\n`)
  reply(first)
  for await (const line of createInterface({ input: process.stdin })) {
    reply(await answer(JSON.parse(line) as Request))
  }
  process.exit() // whatever threads of a library are still there
}

/** Milliseconds that each of `count` runs takes, one after the other. */
export async function timed(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const milliseconds: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await run()
    milliseconds.push(performance.now() - start)
  }
  return milliseconds
}

import { appendFileSync, mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { eventRecord, fileVersionRecord, startRecord } from '../../report/index.ts'
import type { Callback } from '../callback.ts'
import type { Metrics } from '../task.ts'

/** Writes `events.out.tfevents.*` into `directory`: every logged number under `train/`, metrics under `validation/`. */
export function tensorBoard(directory: string): Callback {
  const now = () => Date.now() / 1000
  const file = join(directory, `events.out.tfevents.${Math.floor(now())}.${hostname()}.${process.pid}`)
  const write = (step: number, scalars: Readonly<Record<string, number>>) =>
    appendFileSync(file, eventRecord({ wallTime: now(), step, scalars }))
  return {
    onStart({ step }) {
      mkdirSync(directory, { recursive: true })
      appendFileSync(file, fileVersionRecord(now()))
      appendFileSync(file, startRecord({ wallTime: now(), step: step + 1 }))
    },
    onLog({ step, ...numbers }) {
      write(
        step,
        Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`train/${name}`, value])),
      )
    },
    onValidation({ step, validation }) {
      write(step, Object.fromEntries(flatten(validation, 'validation')))
    },
  }
}

function flatten(metrics: Metrics, path: string): [string, number][] {
  return Object.entries(metrics).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [[`${path}/${name}`, value] as [string, number]]
      : flatten(value, `${path}/${name}`),
  )
}

import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { appendToFile } from '../../core/index.ts'
import { eventRecord, fileVersionRecord, startRecord } from '../../report/index.ts'
import type { Callback } from '../callback.ts'
import { type Scalars, trainingScalars, validationScalars } from './scalars.ts'

/**
 * Callback that writes `events.out.tfevents.*` into `directory`: every logged metric under `train/`, those of
 * validation under `validation/`. The file appears with the first of them.
 */
export function tensorBoard(directory: string): Callback {
  const now = () => Date.now() / 1000
  const file = join(directory, `events.out.tfevents.${Math.floor(now())}.${hostname()}.${process.pid}`)
  /** Write what a file begins with, unless it is written: a run that logs nothing, such as a refused one, has no file. */
  let begin = () => {}
  const write = (step: number, scalars: Scalars) => {
    begin()
    appendToFile(file, eventRecord({ wallTime: now(), step, scalars }))
  }
  return {
    onStart({ step }) {
      begin = () => {
        begin = () => {}
        mkdirSync(directory, { recursive: true })
        appendToFile(file, fileVersionRecord(now()))
        appendToFile(file, startRecord({ wallTime: now(), step: step + 1 }))
      }
    },
    onLog: (record) => write(record.step, trainingScalars(record)),
    onValidation: (record) => write(record.step, validationScalars(record)),
  }
}

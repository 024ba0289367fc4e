import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { appendToFile, writeFileAtomic } from '../../core/index.ts'
import type { Callback, LogRecord, ValidationRecord } from '../callback.ts'

/** Callback that writes every record as one line of JSON. A resumed run first drops the lines after its checkpoint. */
export function metricsLog(file: string): Callback {
  const append = (record: LogRecord | ValidationRecord) => appendToFile(file, `${JSON.stringify(record)}\n`)
  return {
    onStart({ step }) {
      mkdirSync(dirname(file), { recursive: true })
      const kept = readMetricsLog(file).filter((record) => record.step <= step)
      writeFileAtomic(file, kept.map((record) => `${JSON.stringify(record)}\n`).join(''))
    },
    onLog: append,
    onValidation: append,
  }
}

/** The records of a `metrics.jsonl`; an incomplete last line is left out. */
export function readMetricsLog(file: string): (LogRecord | ValidationRecord)[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  // Without its line feed the last line was cut off.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as LogRecord | ValidationRecord)
}

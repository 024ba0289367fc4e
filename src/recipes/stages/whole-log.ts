import { type Callback, metricsLog } from '../../training/index.ts'
import type { StageRecord } from './stage.ts'

/**
 * The `metrics.jsonl` of a progressive run: the records of its stages one after the other, their steps and epochs
 * counted through, each with the number of its stage.
 * @param file That of the whole run.
 * @param stepsBefore Steps of the stages that are over.
 */
export function wholeLog(file: string, stepsBefore: number, records: readonly StageRecord[]): Callback {
  const log = metricsLog(file)
  const epochsBefore = records.reduce((sum, { epochs }) => sum + epochs, 0)
  const moved = <R extends { readonly step: number; readonly epoch: number }>(record: R) => ({
    ...record,
    step: record.step + stepsBefore,
    epoch: record.epoch + epochsBefore,
    stage: records.length + 1,
  })
  return {
    onStart: ({ step, totalSteps }) => log.onStart?.({ step: step + stepsBefore, totalSteps }),
    onLog: (record) => log.onLog?.(moved(record)),
    onValidation: (record) => log.onValidation?.(moved(record)),
  }
}

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { CheckpointError } from './errors.ts'

const count = z.int().nonnegative()
const seconds = z.number().nonnegative()

/** A number. JSON has no NaN; it is null there. */
const numberOrNaN = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

/**
 * Memory of a monitor, as checkpoints hold it: the best validation, and the number of validations since then without a
 * better one.
 */
const monitorSchema = z.object({
  best: z
    .object({
      step: count,
      value: numberOrNaN,
    })
    .exactOptional(),
  validationsSinceBest: count,
})
export type MonitorState = Readonly<z.infer<typeof monitorSchema>>

/**
 * Steps since the last line of the log: their number, samples and seconds, and the sum of each metric with the number
 * of steps that had it.
 */
const logWindowSchema = z.object({
  steps: count,
  samples: count,
  seconds,
  waitSeconds: seconds,
  values: z.record(z.string(), z.object({ sum: numberOrNaN, count })),
})
export type LogWindowState = Readonly<z.infer<typeof logWindowSchema>>

/** Size of micro-batches under a memory budget, and the smallest that took too much. */
const memorySchema = z.object({ size: count.positive(), tooLarge: count.positive().exactOptional() })
export type MemoryState = Readonly<z.infer<typeof memorySchema>>

/** The content of a state.json: all state beside the arenas, so that a run resumes as if it had never stopped. */
const progressSchema = z.object({
  /** Steps done. */
  step: count,
  /** Position of the loader: the next batch is the first one not yet trained on. */
  loader: z.unknown().optional(),
  /** Memory of the task; undefined for a task without memory. */
  task: z.unknown().optional(),
  /** Best validation so far, and the number of validations since then; undefined in a run without validation. */
  monitor: monitorSchema.optional(),
  /** Loss scale of the next step; undefined in float32. */
  lossScale: z.object({ scale: z.number().positive(), goodSteps: count, skippedSteps: count }).optional(),
  /**
   * Updates of each group of parameters, null for one that is frozen. Checkpoints of earlier versions, which hold frozen
   * parameters too, have none.
   */
  updates: z.array(count.nullable()).optional(),
  /** Micro-batches of the next step; undefined in a run without a memory budget. */
  memory: memorySchema.optional(),
  /** Members that trained together; undefined for one alone. */
  members: count.positive().optional(),
  /** Steps since the last line of the log; undefined where there are none. */
  logWindow: logWindowSchema.optional(),
  /** Seconds spent training and waiting for data, over all parts of the run. */
  trainSeconds: seconds,
  waitSeconds: seconds,
})
export type Progress = Readonly<z.infer<typeof progressSchema>>

/**
 * The content of a state.json.
 * @param memory Schema of the task's memory; default: it is not checked.
 * @throws CheckpointError `checkpoint/state` that names the file and every key that does not fit.
 */
export function readProgress(file: string, memory: z.ZodType = z.unknown().optional()): Progress {
  const result = progressSchema.extend({ task: memory }).safeParse(contentOf(file))
  if (result.success) return result.data
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'content'}: ${message}`,
  )
  throw damaged(file, problems, result.error)
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw damaged(file, [(cause as Error).message], cause)
  }
}

const damaged = (file: string, problems: readonly string[], cause: unknown): CheckpointError =>
  new CheckpointError(
    'checkpoint/state',
    `${file}: ${problems.join('; ')}. It is damaged or of another run: resume with the recipe that wrote it, or remove ` +
      'this checkpoint to go on from the one before',
    { file, problems },
    { cause },
  )

import { z } from 'zod'
import type { Values } from './parameter.ts'

/** A process that works on a study. */
const workerSchema = z.strictObject({
  host: z.string(),
  pid: z.int().positive(),
  /** Time at which the process began, as its system counts; undefined where it cannot be known. */
  began: z.string().exactOptional(),
})
export type WorkerIdentity = Readonly<z.infer<typeof workerSchema>>

const trial = z.int().nonnegative()
const seconds = z.number().nonnegative()
/** A number that JSON may not have: NaN is null there. */
const numberOrNaN = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN)

const eventSchema = z.discriminatedUnion('event', [
  /** A trial has values and a worker. */
  z.strictObject({
    event: z.literal('began'),
    trial,
    origin: z.enum(['recipe', 'sampler']),
    values: z.record(z.string(), z.json()) as unknown as z.ZodType<Values>,
    worker: workerSchema,
    at: z.string(),
  }),
  /** Another worker, or the same one later, goes on with a trial. */
  z.strictObject({ event: z.literal('resumed'), trial, worker: workerSchema, at: z.string() }),
  /** A validation. `seconds`: of its process so far. */
  z.strictObject({ event: z.literal('report'), trial, resource: z.number(), value: numberOrNaN, seconds }),
  /** Objectives that are known before the trial is over. */
  z.strictObject({ event: z.literal('measured'), trial, measured: z.record(z.string(), z.number()) }),
  /** End of a process before its trial is over: it can be resumed. `waiting`: it waits for others at a rung. */
  z.strictObject({ event: z.literal('paused'), trial, waiting: z.boolean(), seconds }),
  /** A trial is over. */
  z.strictObject({
    event: z.literal('ended'),
    trial,
    state: z.enum(['finished', 'stopped', 'failed', 'refused']),
    measured: z.record(z.string(), z.number()).exactOptional(),
    reason: z.string().exactOptional(),
    seconds,
    at: z.string(),
  }),
  /** The sampler has no more values. */
  z.strictObject({ event: z.literal('exhausted') }),
])

/** A line of a study's journal. */
export type StudyEvent = z.infer<typeof eventSchema>

/** An event as a line of the journal gives it; undefined for one that is none. */
export function parseEvent(line: string): StudyEvent | undefined {
  try {
    return eventSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { Session } from '../src/engine/c-api/session.ts'
import { Engine } from '../src/engine/index.ts'
import { writeCase } from './case-files.ts'
import type { Case } from './cases.ts'
import { prepareOurTraining } from './contestants/our-model.ts'

/** Time of the nodes that have a key in common, in one step. */
export interface ProfileRow {
  readonly key: string
  readonly milliseconds: number
  /** Of the time of all nodes, in [0, 1]. */
  readonly share: number
  /** Nodes run in one step. */
  readonly count: number
}

export interface Profile {
  readonly byOperation: readonly ProfileRow[]
  /** Operations apart by the shapes of their inputs. */
  readonly byShape: readonly ProfileRow[]
}

/** The traces that ONNX Runtime writes in Chrome's format: the part that is read. */
const trace = z.array(
  z.object({
    cat: z.string().optional(),
    name: z.string(),
    dur: z.number().optional(),
    args: z
      .object({
        op_name: z.string().optional(),
        input_type_shape: z.array(z.record(z.string(), z.array(z.number()))).optional(),
      })
      .optional(),
  }),
)

const warmUpSteps = 2
const measuredSteps = 5

/** Where a step of ours spends its time, forward, backward and update, told by ONNX Runtime's own profiler. */
export async function profileStep(testCase: Case): Promise<Profile> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-profile-'))
  try {
    writeCase(directory, testCase)
    const sessions = profileEverySession(directory)
    const training = await prepareOurTraining(directory, new Engine())
    for (let step = 0; step < warmUpSteps + measuredSteps; step++) {
      await training.differentiate()
      await training.update()
    }
    for (const session of sessions) session.endProfiling()
    const files = readdirSync(directory).filter((name) => name.startsWith('trace'))
    return summarize(files.flatMap((file) => nodeTimes(join(directory, file))))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * Let all sessions that are created from now on write a trace. What the engine asks of a session stays as it is,
 * so that what is profiled is what runs.
 */
function profileEverySession(directory: string): Session[] {
  const sessions: Session[] = []
  const create = Session.create
  Session.create = async (bytes, options) => {
    const profileFilePrefix = join(directory, `trace-${sessions.length}`)
    const session = await create(bytes, { ...options, profileFilePrefix })
    sessions.push(session)
    return session
  }
  return sessions
}

interface NodeTime {
  readonly operation: string
  readonly shapes: string
  readonly microseconds: number
}

/** The kernels of one session's trace, without those of the first steps. */
function nodeTimes(file: string): NodeTime[] {
  const kernels = trace
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
  const first = Math.floor((kernels.length * warmUpSteps) / (warmUpSteps + measuredSteps))
  return kernels.slice(first).map(({ dur = 0, args }) => ({
    operation: args?.op_name ?? '?',
    shapes: (args?.input_type_shape ?? []).map((input) => `[${Object.values(input)[0]}]`).join(' '),
    microseconds: dur,
  }))
}

function summarize(times: readonly NodeTime[]): Profile {
  return {
    byOperation: grouped(times, ({ operation }) => operation),
    byShape: grouped(times, ({ operation, shapes }) => `${operation} ${shapes}`),
  }
}

/** The costliest first. */
function grouped(times: readonly NodeTime[], keyOf: (time: NodeTime) => string): ProfileRow[] {
  const groups = new Map<string, { microseconds: number; count: number }>()
  for (const time of times) {
    const { microseconds, count } = groups.get(keyOf(time)) ?? { microseconds: 0, count: 0 }
    groups.set(keyOf(time), { microseconds: microseconds + time.microseconds, count: count + 1 })
  }
  const total = times.reduce((sum, { microseconds }) => sum + microseconds, 0)
  return Array.from(groups, ([key, { microseconds, count }]) => ({
    key,
    milliseconds: microseconds / measuredSteps / 1000,
    share: microseconds / total,
    count: count / measuredSteps,
  })).sort((a, b) => b.milliseconds - a.milliseconds)
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from '../../src/engine/c-api/session.ts'

/** The operators that ONNX Runtime runs in sessions that `work` loads, after its own fusions, and how often each. */
export async function executedOperators(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const directory = mkdtempSync(join(tmpdir(), 'operators-'))
  const create = Session.create
  const sessions: Session[] = []
  Session.create = async (bytes, options) => {
    const session = await create(bytes, {
      ...options,
      profileFilePrefix: join(directory, `${sessions.length}`),
    })
    session.retain() // until its trace is written, also when `work` releases the program
    sessions.push(session)
    return session
  }
  try {
    await work()
    for (const session of sessions) session.endProfiling()
    const counts: Record<string, number> = {}
    for (const file of readdirSync(directory)) {
      const events: { name: string; args?: { op_name?: string } }[] = JSON.parse(
        readFileSync(join(directory, file), 'utf8'),
      )
      for (const { name, args } of events) {
        if (!name.endsWith('_kernel_time') || args?.op_name === undefined) continue
        counts[args.op_name] = (counts[args.op_name] ?? 0) + 1
      }
    }
    return counts
  } finally {
    Session.create = create
    for (const session of sessions) session.release()
    rmSync(directory, { recursive: true, force: true })
  }
}

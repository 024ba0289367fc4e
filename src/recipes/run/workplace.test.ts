import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { identityOf } from '../../compression/index.ts'
import { TrialProcess } from './trial-process.ts'
import { Workplace } from './workplace.ts'

let folder: string
const sleepers: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workplace-'))
  mkdirSync(join(folder, 'workers'))
  mkdirSync(join(folder, 'locks/measuring'), { recursive: true })
})
afterEach(() => {
  for (const child of sleepers.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

function sleeper(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  sleepers.push(child)
  return child as ChildProcess & { readonly pid: number }
}

const trial = (code: string): TrialProcess =>
  new TrialProcess([process.execPath, '-e', code], openSync(join(folder, 'log'), 'a'))

/** State of a process: S sleeping, T halted. */
const stateOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0]!

describe.skipIf(process.platform !== 'linux')(
  'the process of a trial (skipped where there is no /proc)',
  () => {
    it('tells its end, its output, and that it was killed', async () => {
      const failed = trial("console.log('{}'); process.exit(3)")
      expect(await failed.end()).toEqual({ code: 3, signal: null, output: '{}\n' })
      const killed = trial('setInterval(() => {}, 1000)')
      process.kill(killed.identity.pid, 'SIGKILL')
      expect(await killed.end()).toMatchObject({ code: null, signal: 'SIGKILL' })
      expect(await trial('').end()).toMatchObject({ code: 0 })
    })

    it('that cannot be started has failed', async () => {
      const none = new TrialProcess([join(folder, 'nowhere')], openSync(join(folder, 'log'), 'a'))
      expect(await none.end()).toMatchObject({ code: 1, output: expect.stringContaining('ENOENT') })
    })

    it('stands still when it is halted, and that time is not its own', async () => {
      const child = trial('setInterval(() => {}, 10)')
      await setTimeout(300)
      expect(child.halt()).toBe(true)
      const before = child.seconds
      await setTimeout(300)
      expect(stateOf(child.identity.pid)).toBe('T')
      expect(child.seconds).toBeCloseTo(before, 2)
      child.goOn()
      await setTimeout(100)
      expect(stateOf(child.identity.pid)).not.toBe('T')
      expect(child.seconds).toBeLessThan(before + 0.3)
      child.halt()
      expect(await child.end('SIGTERM')).toMatchObject({ signal: 'SIGTERM' })
    })

    it('halts while another worker measures, and goes on when that one dies', async () => {
      const other = sleeper()
      const workplace = new Workplace(folder)
      const child = trial('setInterval(() => {}, 10)')
      writeFileSync(join(folder, `locks/measuring-${hostname()}/1`), JSON.stringify(identityOf(other.pid)))
      workplace.obey(child)
      await setTimeout(50)
      expect(stateOf(child.identity.pid)).toBe('T')
      const own = workplace.presence.signOf(workplace.presence.identity)
      expect(own).toMatchObject({ quiet: 1, child: child.identity })
      const dead = new Promise((resolve) => other.on('close', resolve))
      other.kill('SIGKILL')
      await dead
      workplace.obey(child)
      await setTimeout(50)
      expect(stateOf(child.identity.pid)).not.toBe('T')
      await child.end('SIGKILL')
    })

    it('measures alone once the neighbours are quiet', async () => {
      const [neighbour, training] = [sleeper(), sleeper()]
      const sign = { ...identityOf(neighbour.pid), child: identityOf(training.pid) }
      const file = join(folder, 'workers', `${sign.host}-${sign.pid}.json`)
      writeFileSync(file, JSON.stringify(sign))
      const workplace = new Workplace(folder, 1)
      const child = trial('')
      await child.end()
      let measured = false
      const measuring = workplace.measureAlone(child, async () => {
        measured = true
        return { latency: 1 }
      })
      await setTimeout(400)
      expect(measured).toBe(false)
      writeFileSync(file, JSON.stringify({ ...sign, quiet: 1 }))
      expect(await measuring).toEqual({ latency: 1, alone: true })
      expect(await workplace.measureAlone(child, async () => ({ a: 1 }))).toMatchObject({ alone: false })
    }, 30_000)

    it('ends the process that a dead worker left, and none of a living one', async () => {
      const [dead, orphan, alive, busy] = [sleeper(), sleeper(), sleeper(), sleeper()]
      const workplace = new Workplace(folder)
      const say = (worker: number, child: number) => {
        const sign = { ...identityOf(worker), child: identityOf(child) }
        writeFileSync(join(folder, 'workers', `${sign.host}-${sign.pid}.json`), JSON.stringify(sign))
        return identityOf(worker)
      }
      const [left, living] = [say(dead.pid, orphan.pid), say(alive.pid, busy.pid)]
      const gone = new Promise((resolve) => dead.on('close', resolve))
      dead.kill('SIGKILL')
      await gone
      await workplace.endOrphan(left)
      await workplace.endOrphan(living)
      await setTimeout(50)
      expect([orphan.signalCode, busy.signalCode]).toEqual(['SIGKILL', null])
    })
  },
)

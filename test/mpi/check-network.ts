// The check of members on two hosts: `node --import tsx/esm test/mpi/check-network.ts [launcher] [cut]`, as root on Linux with iproute2.
// Two network namespaces with host names of their own stand for two hosts; a pair of virtual devices is the cable between
// them. A run over the cable, one over a slow cable, and one whose cable is cut: an error within a bounded time, never a hang.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { drawShapes } from '../support/drawn-shapes.ts'
import { writeRecipeFile } from '../support/tabletop-recipe.ts'
import { builtMain, type Started, start } from './mpirun.ts'
import { recipesOf } from './recipes.ts'

const [launcher = 'mpirun.openmpi', only] = process.argv.slice(2)
const hosts = [
  { name: 'vm-a', address: '10.77.0.1' },
  { name: 'vm-b', address: '10.77.0.2' },
] as const
/** Seconds that a member waits for an answer in these checks. */
const patience = 10
const home = mkdtempSync(join(tmpdir(), 'visuomotor-network-'))
let failures = 0

function expectThat(holds: boolean, text: string): void {
  if (!holds) failures++
  process.stdout.write(`${holds ? 'ok    ' : 'FAILED'} ${text}\n`)
}

const ip = (...argv: readonly string[]): void => void execFileSync('ip', argv, { stdio: 'pipe' })
const inside = (host: string, ...argv: readonly string[]): void => ip('netns', 'exec', host, ...argv)

function connect(): void {
  disconnect()
  for (const { name } of hosts) ip('netns', 'add', name)
  ip('link', 'add', 'cable-a', 'netns', 'vm-a', 'type', 'veth', 'peer', 'name', 'cable-b', 'netns', 'vm-b')
  for (const { name, address } of hosts) {
    inside(name, 'ip', 'addr', 'add', `${address}/24`, 'dev', deviceOf(name))
    for (const device of [deviceOf(name), 'lo']) inside(name, 'ip', 'link', 'set', device, 'up')
  }
}

const deviceOf = (host: string): string => host.replace('vm', 'cable')

function disconnect(): void {
  for (const { name } of hosts) spawnSync('ip', ['netns', 'del', name])
}

/** What stands for ssh: its first argument that is no option is the address of a host, the rest a command there. */
function writeAgent(): string {
  const file = join(home, 'agent.sh')
  const cases = hosts.map(({ name, address }) => `  ${address}) host=${name} ;;`).join('\n')
  const script = `#!/bin/sh
while [ "\${1#-}" != "$1" ]; do shift; done
case $1 in
${cases}
esac
shift
exec ip netns exec $host unshare --uts sh -c "hostname $host; $*"
`
  writeFileSync(file, script)
  chmodSync(file, 0o755)
  return file
}

const agent = writeAgent()

/** Start one member on each host, over TCP. */
function startRun(out: string, file: string): Started {
  const list = hosts.map(({ address }) => address)
  const ofLauncher = launcher.includes('openmpi')
    ? [
        ...['--host', list.map((address) => `${address}:1`).join(',')],
        ...['--mca', 'plm_rsh_agent', agent, '--mca', 'btl', 'tcp,self', '--mca', 'pml', 'ob1'],
        // Its daemons look after 300 s of silence whether the others live, unless they are told otherwise.
        ...['--mca', 'oob_tcp_keepalive_time', '5', '--mca', 'oob_tcp_keepalive_intvl', '2'],
        ...['--mca', 'oob_tcp_keepalive_probes', '3'],
        ...['--mca', 'btl_tcp_if_include', '10.77.0.0/24', '--mca', 'oob_tcp_if_include', '10.77.0.0/24'],
      ]
    : ['-launcher', 'ssh', '-launcher-exec', agent, '-hosts', list.join(','), '-iface', 'cable-a']
  const command = [
    launcher,
    ...ofLauncher,
    '-n',
    '2',
    process.execPath,
    builtMain,
    'train',
    file,
    '--out',
    out,
  ]
  const shell = `hostname vm-a; exec ${command.map((word) => `'${word}'`).join(' ')}`
  const environment = { VISUOMOTOR_MPI_TIMEOUT: String(patience), UCX_TLS: 'tcp,self' }
  return start('ip', ['netns', 'exec', 'vm-a', 'unshare', '--uts', 'sh', '-c', shell], environment)
}

const steps = (run: string): number =>
  existsSync(join(run, 'metrics.jsonl'))
    ? readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n').length
    : 0

/** Processes that still train into a directory. */
const leftOf = (out: string): string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      return words[0] === process.execPath && words.includes(out)
    } catch {
      return false
    }
  })

/** Processes of the launcher that are still on the hosts. */
const remains = (): string[] =>
  hosts.flatMap(({ name }) =>
    execFileSync('ip', ['netns', 'pids', name])
      .toString()
      .trim()
      .split('\n')
      .filter((pid) => pid !== ''),
  )

await drawShapes(join(home, 'shapes'))
const file = writeRecipeFile(home, recipesOf(home, 60).contrastive!, 'contrastive.mjs')
const long = writeRecipeFile(home, recipesOf(home, 6000).contrastive!, 'long.mjs')
try {
  connect()
  if (only !== 'cut') await crossCables()
  await cutCable()
} finally {
  disconnect()
}
process.exitCode = failures === 0 ? 0 : 1

async function crossCables(): Promise<void> {
  const plain = await startRun(join(home, 'plain'), file).ended
  expectThat(plain.code === 0, `two hosts train together in ${plain.seconds.toFixed(1)} s`)
  if (plain.code !== 0) process.stdout.write(plain.notes)

  // No netem: many kernels lack it.
  const slowness = [
    'qdisc',
    'add',
    'dev',
    'cable-a',
    'root',
    'tbf',
    'rate',
    '20mbit',
    'burst',
    '32kbit',
    'latency',
    '400ms',
  ]
  if (spawnSync('ip', ['netns', 'exec', 'vm-a', 'tc', ...slowness]).status === 0) {
    const slow = await startRun(join(home, 'slow'), file).ended
    expectThat(slow.code === 0, `over 20 Mbit/s in ${slow.seconds.toFixed(1)} s`)
    inside('vm-a', 'tc', 'qdisc', 'del', 'dev', 'cable-a', 'root')
    const [a, b] = ['plain', 'slow'].map((run) =>
      readFileSync(join(home, run, 'checkpoints/60/model.safetensors')),
    )
    expectThat(a!.equals(b!), 'the slow cable changes no bit')
  } else process.stdout.write('note   this kernel cannot slow a device: the slow cable is left out\n')
}

async function cutCable(): Promise<void> {
  const out = join(home, 'cut')
  const { child, ended } = startRun(out, long)
  while (steps(out) < 20 && child.exitCode === null) await setTimeout(100)
  inside('vm-a', 'ip', 'link', 'set', 'cable-a', 'down')
  const cut = performance.now()
  const seconds = () => (performance.now() - cut) / 1000
  const bound = patience + 20
  while (leftOf(out).length > 0 && seconds() < bound) await setTimeout(100)
  expectThat(
    leftOf(out).length === 0,
    `a cut cable ends all members after ${seconds().toFixed(1)} s of at most ${bound}`,
  )
  while (child.exitCode === null && seconds() < 2 * bound) await setTimeout(100)
  expectThat(
    child.exitCode !== null,
    `and the launcher after ${seconds().toFixed(1)} s of at most ${2 * bound}`,
  )
  for (const pid of [...leftOf(out), ...remains()]) process.kill(Number(pid), 'SIGKILL')
  child.kill('SIGKILL')
  const { code, notes } = await ended
  expectThat(code !== 0, `with exit code ${code} and these last words:`)
  process.stdout.write(`       ${notes.trim().split('\n').slice(-12).join('\n       ')}\n`)
}

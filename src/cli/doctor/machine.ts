import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, cpus, freemem, release, totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { formatBytes } from '../../report/index.ts'
import { type Finding, ok } from './finding.ts'

/** Instructions that decide which kernels ONNX Runtime takes, by the names of Linux on x64 and on arm64. */
const instructions = [
  ...['f16c', 'fma', 'avx', 'avx2', 'avx_vnni', 'avx512f', 'avx512bw', 'avx512_vnni', 'avx512_bf16'],
  ...['avx512_fp16', 'amx_int8', 'amx_bf16', 'asimd', 'asimdhp', 'asimddp', 'i8mm', 'bf16', 'sve', 'sve2'],
]

/** Parts of this machine: system, processor, memory, disk. */
export function machineFindings(): Finding[] {
  const threads = availableParallelism()
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  const usable = threads === cpus().length ? '' : `, ${threads} of them usable`
  return [
    ok('system', `${process.platform} ${release()}, ${process.arch}${libraryOfC()}`),
    ok('processor', `${cpus().length} × ${model}${usable}`),
    ok('instructions', instructionsOf(cpuInfo())),
    ok('memory', memory()),
    disk(),
  ]
}

/** The instructions that count, among those that /proc/cpuinfo lists. */
export function instructionsOf(info: string): string {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(info)?.[1]
  if (line === undefined) return 'not told by this system'
  const has = new Set(line.trim().split(/\s+/))
  return instructions.filter((name) => has.has(name)).join(' ') || 'none of those that ONNX Runtime looks for'
}

function cpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}

/** The C library of Linux: ONNX Runtime's needs glibc, and Alpine has musl. */
function libraryOfC(): string {
  if (process.platform !== 'linux') return ''
  const { header } = process.report.getReport() as { readonly header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime === undefined
    ? ', musl (ONNX Runtime needs glibc)'
    : `, glibc ${header.glibcVersionRuntime}`
}

function memory(): string {
  const limit = process.constrainedMemory()
  const limited = limit > 0 && limit < totalmem() ? `, limited to ${formatBytes(limit)} by the system` : ''
  const heap = formatBytes(getHeapStatistics().heap_size_limit)
  return `${formatBytes(totalmem())}, ${formatBytes(freemem())} free${limited}; JavaScript's heap at most ${heap}`
}

function disk(): Finding {
  try {
    const { bavail, blocks, bsize } = statfsSync('.')
    return ok('disk', `${formatBytes(bavail * bsize)} of ${formatBytes(blocks * bsize)} free here`)
  } catch (error) {
    return { name: 'disk', state: 'fails', text: (error as Error).message }
  }
}

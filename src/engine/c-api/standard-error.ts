import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { koffi } from './koffi.ts'
import { loadLibrary } from './library.ts'

/** File descriptor of standard error. */
const standardError = 2

/**
 * Do `work` and catch what native libraries write to standard error meanwhile, past Node: Dawn, of WebGPU, tells its warnings
 * there and nowhere else. Lines of others are written again when it is done. Nothing is caught on Windows.
 * @param told Receiver of Dawn's messages, without the places in its source.
 */
export async function catchingDawn<Result>(
  work: () => Promise<Result>,
  told: (messages: readonly string[]) => void,
): Promise<Result> {
  if (process.platform === 'win32') return work()
  const restore = redirect()
  try {
    return await work()
  } finally {
    const { messages, rest } = dawnMessages(restore())
    if (rest !== '') process.stderr.write(rest)
    told(messages)
  }
}

/** Lead standard error into a file. @returns Function that leads it back and returns what was written. */
function redirect(): () => string {
  loadLibrary() // koffi takes its settings from the engine, before any library is loaded
  const libc = koffi.load(null)
  const [dup, dup2] = [libc.func('int dup(int)'), libc.func('int dup2(int, int)')]
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const file = openSync(join(directory, 'stderr'), 'w+')
  rmSync(directory, { recursive: true })
  const before: number = dup(standardError)
  dup2(file, standardError)
  return () => {
    dup2(before, standardError)
    closeSync(before)
    const bytes = Buffer.alloc(fstatSync(file).size)
    readSync(file, bytes, 0, bytes.length, 0)
    closeSync(file)
    return bytes.toString()
  }
}

/**
 * Messages of Dawn, each a line with its severity, then what it was doing, the place in the source and an empty line; and the
 * other text.
 */
export function dawnMessages(text: string): { readonly messages: readonly string[]; readonly rest: string } {
  const messages: string[] = []
  const pattern = /^(?:Warning|Error|Info|Debug): (.*)\n(?: +- .*\n)*(?: +at .*\n)+\n?/gm
  const rest = text.replaceAll(pattern, (_, message: string) => {
    messages.push(message.trim())
    return ''
  })
  return { messages, rest }
}

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { DecodedFrame, VideoDecoder } from './decoder.ts'

/** Path of the program `ffmpeg`; undefined where the path has none. */
export function ffmpegPath(): string | undefined {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Decoder by the program `ffmpeg` as a process, which gives rows of RGB and the times of frames. */
export const ffmpegDecoder = (program: string): VideoDecoder => ({
  name: 'ffmpeg',
  decode: (file, { start, from }) => decoded(program, file, start, from),
})

async function* decoded(
  program: string,
  file: string,
  start: number,
  from: number,
): AsyncGenerator<DecodedFrame> {
  const run = new FfmpegRun(program, [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'repeat+info'],
    ...['-ss', String(start), '-noaccurate_seek', '-copyts', '-i', file],
    ...['-map', '0:v:0', '-vf', `select='gte(t,${from})',showinfo,format=rgb24`],
    ...[...passthrough(), '-f', 'rawvideo', '-'],
  ])
  try {
    yield* run.frames()
    const problem = await run.problem()
    if (problem === undefined) return
    if (!knowsFpsMode || !/fps_mode/.test(problem)) throw new Error(problem)
    knowsFpsMode = false // a version before 5.1
    yield* decoded(program, file, start, from)
  } finally {
    run.end()
  }
}

let knowsFpsMode = true

/** Option by which frames are neither doubled nor dropped. */
const passthrough = (): string[] => (knowsFpsMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'])

/** Frame as the filter `showinfo` tells it. */
type Told = Pick<DecodedFrame, 'time' | 'width' | 'height'>

/** A process, with what it says about its frames. */
class FfmpegRun {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  readonly #told: Told[] = []
  readonly #lines: string[] = []
  readonly #ended: Promise<number | null>
  #timeBase = Number.NaN
  #rest = ''
  #isSilent = false
  #wake = (): void => {}

  constructor(program: string, args: readonly string[]) {
    this.#process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#ended = new Promise((resolve) => {
      this.#process.on('error', (error) => {
        this.#lines.push(error.message)
        resolve(-1)
      })
      this.#process.on('close', (code) => resolve(code))
    })
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    this.#process.stderr.on('close', () => {
      this.#isSilent = true
      this.#wake()
    })
  }

  async *frames(): AsyncGenerator<DecodedFrame> {
    let count = 0
    let data = new Uint8Array(0)
    let filled = 0
    for await (const chunk of this.#process.stdout as AsyncIterable<Uint8Array>) {
      for (let used = 0; used < chunk.length; ) {
        const told = await this.#frameTold(count)
        if (told === undefined) return
        if (filled === 0) data = new Uint8Array(told.width * told.height * 3)
        const part = chunk.subarray(used, used + data.length - filled)
        data.set(part, filled)
        filled += part.length
        used += part.length
        if (filled < data.length) continue
        yield { ...told, data }
        filled = 0
        count++
      }
    }
  }

  /** Reason for which the process failed; undefined where it did not. */
  async problem(): Promise<string | undefined> {
    const code = await this.#ended
    if (code === 0) return undefined
    return `ffmpeg ended with code ${code}: ${this.#lines.slice(-4).join('; ')}`
  }

  end(): void {
    this.#process.stdout.destroy()
    this.#process.kill('SIGKILL')
  }

  async #frameTold(index: number): Promise<Told | undefined> {
    while (this.#told[index] === undefined && !this.#isSilent)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#told[index]
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split(/\r?\n/)
    this.#rest = lines.pop()!
    for (const line of lines) {
      const base = /config in time_base: (\d+)\/(\d+)/.exec(line)
      if (base) this.#timeBase = Number(base[1]) / Number(base[2])
      const frame = /Parsed_showinfo.* pts: *(-?\d+) .* s:(\d+)x(\d+) /.exec(line)
      if (frame) {
        const [, pts, width, height] = frame.map(Number) as [number, number, number, number]
        this.#told.push({ time: pts * this.#timeBase, width, height })
      } else if (line.trim() !== '' && !line.includes('Parsed_showinfo')) this.#lines.push(line.trim())
    }
    this.#wake()
  }
}

import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { z } from 'zod'
import { DataError, problemsOf, schemaKeys } from '../core/index.ts'
import { LeRobotWriter, type RecordedFrame } from '../data/index.ts'
import { formatNumber } from '../report/index.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** First line that a program writes: what it records. */
const beginning = z.strictObject({
  fps: z.int().positive(),
  robotType: z.string().exactOptional(),
  videoCodec: z.enum(['av1', 'h264', 'hevc']).exactOptional(),
  features: z.record(
    z.string(),
    z.strictObject({
      dtype: z.enum(['float32', 'float64', 'int32', 'int64', 'bool', 'string', 'image', 'video']),
      shape: z.array(z.int().positive()),
      names: z.array(z.string()).exactOptional(),
    }),
  ),
})

/** A line after the first: the end of an episode, or a frame. */
const ending = z.strictObject({ end: z.enum(['save', 'discard']) })
const picture = z.union([
  z.strictObject({ file: z.string() }),
  z
    .strictObject({ base64: z.base64() })
    .transform(({ base64 }) => ({ bytes: Buffer.from(base64, 'base64') })),
])
const value = z.union([z.number(), z.boolean(), z.string(), z.array(z.number()), picture])
const frame = z.object({ task: z.string() }).catchall(value)

/** `visuomotor data record DIRECTORY < LINES` */
export function registerDataRecord(data: Command, output: Output): void {
  data
    .command('record')
    .description(
      'record episodes that a program writes to standard input, one line of JSON a frame, as LeRobot v3.0',
    )
    .argument('<directory>', 'where to write; a data set that is there goes on')
    .addOption(jsonOption())
    .action(async (directory: string, { json }: { json?: true }) => {
      const { saved, dropped, episodes } = await record(directory, process.stdin, output)
      if (dropped > 0)
        output.note(
          `the last ${formatNumber(dropped)} frames were dropped: no {"end": "save"} came behind them`,
        )
      output.result(
        json
          ? JSON.stringify({ directory, saved, episodes }, undefined, 2)
          : `${formatNumber(saved)} episodes saved; ${directory} has ${formatNumber(episodes)}`,
      )
    })
}

/** Outcome of a recording: episodes saved, frames without an end, episodes there are now. */
interface Recorded {
  readonly saved: number
  readonly dropped: number
  readonly episodes: number
}

/**
 * Record the lines of a program.
 * @throws DataError `data/malformed-json` and `data/malformed-row` naming the line; errors of `LeRobotWriter`.
 */
export async function record(
  directory: string,
  input: NodeJS.ReadableStream,
  output: Pick<Output, 'note'>,
): Promise<Recorded> {
  let writer: LeRobotWriter | undefined
  let [line, saved] = [0, 0]
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1
    if (text.trim() === '') continue
    const content = jsonOf(text, line)
    if (writer === undefined) writer = await LeRobotWriter.open(directory, checked(beginning, content, line))
    else if (isEnding(content)) {
      if (checked(ending, content, line).end === 'discard') await writer.discardEpisode()
      else {
        const { index, length } = await writer.saveEpisode()
        saved += 1
        output.note(`episode ${index}: ${formatNumber(length)} frames`)
      }
    } else await writer.addFrame(checked(frame, content, line) as RecordedFrame)
  }
  const dropped = writer?.frames ?? 0
  await writer?.close()
  return { saved, dropped, episodes: writer?.episodes ?? 0 }
}

const isEnding = (content: unknown): boolean => Object.hasOwn(Object(content), 'end')

function jsonOf(text: string, line: number): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const message = `line ${line} of standard input is not JSON: ${(cause as Error).message}`
    throw new DataError('data/malformed-json', message, { line }, { cause })
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, content: unknown, line: number): z.output<Schema> {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  const problems = problemsOf(result.error, schemaKeys(schema), content)
  throw new DataError('data/malformed-row', `line ${line} of standard input: ${problems.join('; ')}`, {
    line,
  })
}

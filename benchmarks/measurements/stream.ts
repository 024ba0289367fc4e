import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { z } from 'zod'
import { Child } from '../child.ts'
import type { StreamTask } from '../contestants/stream.ts'
import { nodeLaunch } from '../contestants.ts'
import { type StreamFormat, streamFormats, writeStream } from '../stream-files.ts'
import { progress } from './progress.ts'

const streamed = z.object({
  samplesPerSecond: z.number(),
  curve: z.array(z.object({ samples: z.number(), residentBytes: z.number() })),
})

/** Memory of a process while it streams: `curve` is its resident set after so many samples. */
export type StreamMeasurement = z.infer<typeof streamed> & {
  /** From a tenth of the samples to all of them; 0 where memory is constant. */
  readonly grownBytes: number
}

/** `loader` is the first format once more, decoded and prepared by the loader's threads. */
export type StreamMeasurements = Readonly<Record<StreamFormat | 'loader', StreamMeasurement>>

/** Points of each curve; the first tenth of the samples fills buffers, caches and heap. */
const points = 20

/** @param share How much of a million samples is streamed, in (0, 1]; a tenth of that through the loader. */
export async function measureStream(share = 1): Promise<StreamMeasurements> {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-stream-'))
  const samples = 1e6 * share
  const measured: Partial<Record<StreamFormat | 'loader', StreamMeasurement>> = {}
  try {
    for (const format of streamFormats) {
      progress(`stream: ${samples} samples, ${format}`)
      const spec = await writeStream(format, join(directory, format), samples, new Uint8Array(2500).fill(7))
      measured[format] = await curveOf({ spec, samples, points, decoded: false })
    }
    progress(`stream: ${samples / 10} samples through the loader`)
    const picture = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } })
    const image = await picture.png().toBuffer()
    const spec = await writeStream('webdataset', join(directory, 'loader'), samples / 10, image)
    measured.loader = await curveOf({ spec, samples: samples / 10, points, decoded: true })
    return measured as StreamMeasurements
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function curveOf(task: StreamTask): Promise<StreamMeasurement> {
  const child = new Child(nodeLaunch('contestants/stream.ts', task))
  const result = await child.reply(streamed, 3600)
  await child.end()
  const after = (part: number) => result.curve[Math.ceil(part * points) - 1]!.residentBytes
  return { ...result, grownBytes: after(1) - after(0.1) }
}

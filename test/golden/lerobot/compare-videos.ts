/**
 * Frames of the videos of `videos.py` against those that PyAV decoded: their times, and the largest difference of RGB, from
 * every fifth frame on.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { framesOf } from '../../../src/data/video/decoder.ts'
import { ffmpegDecoder, ffmpegPath } from '../../../src/data/video/ffmpeg-decoder.ts'
import { hasNodeAv } from '../../../src/data/video/node-av.ts'
import { nodeAvDecoder } from '../../../src/data/video/node-av-decoder.ts'

const program = ffmpegPath()
const decoders = [...(program ? [ffmpegDecoder(program)] : []), ...(hasNodeAv() ? [nodeAvDecoder()] : [])]
const [folder = '.'] = process.argv.slice(2)
for (const file of readdirSync(folder).filter((name) => name.endsWith('.mp4'))) {
  const video = join(folder, file)
  const told = (kind: string) => video.replace('.mp4', `.${kind}`)
  const { fps, height, width, times } = JSON.parse(readFileSync(told('json'), 'utf8'))
  const rgb = readFileSync(told('rgb'))
  const planes = spawnSync('ffmpeg', ['-v', 'error', '-i', video, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-'], {
    maxBuffer: 1e9,
  }).stdout as Buffer | null
  console.log(file, 'I420 equal:', planes?.equals(readFileSync(told('yuv'))) ?? 'no ffmpeg here')
  for (const decoder of decoders) {
    let [most, frames, unequal] = [0, 0, 0]
    for (let first = 0; first < times.length - 3; first += 5) {
      const range = { from: times[first], to: times[first + 2], fps }
      let index = first
      for await (const { time, data } of framesOf(decoder, video, range)) {
        if (Math.abs(time - times[index]) > 1e-6) throw new Error(`${file}: frame ${index} is at ${times[index]}, not ${time}`)
        const own = rgb.subarray(index * data.length, (index + 1) * data.length)
        for (let i = 0; i < data.length; i++) {
          const difference = Math.abs(data[i]! - own[i]!)
          if (difference > 0) unequal++
          if (difference > most) most = difference
        }
        index++
        frames++
      }
      if (index !== first + 3) throw new Error(`${file}: from frame ${first} on there are ${index - first} of 3 frames`)
    }
    const share = unequal / (frames * height * width * 3)
    console.log(`  ${decoder.name}: ${frames} frames, largest difference ${most}, unequal values ${(100 * share).toFixed(3)} %`)
  }
}

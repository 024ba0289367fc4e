import sharp from 'sharp'
import { type RenderScene, render, type Vector3 } from '../../world/index.ts'
import { poseLength, type Recording, succeeded } from './recording.ts'
import { verdictOf } from './verdict.ts'

/** Pixels of one recording in the film: the onlooker's view, with the robot's image in a corner and words below. */
const tile = { width: 320, height: 240, seen: 88, words: 36 }

/** Number of recordings side by side, and frames a second. */
const film = { columns: 3, rate: 12 }

/** Number of frames for which the end is shown. */
const held = 14

/**
 * An animated WebP of recordings side by side: each plays once and then shows its outcome, in green or red.
 * @throws RangeError without recordings.
 */
export async function filmOf(recordings: readonly Recording[]): Promise<Uint8Array> {
  if (recordings.length === 0) throw new RangeError('a film needs recordings')
  const count = Math.max(...recordings.map(({ frames }) => frames.length)) + held
  const columns = Math.min(film.columns, recordings.length)
  const rows = Math.ceil(recordings.length / columns)
  const [width, height] = [columns * tile.width, rows * (tile.height + tile.words)]
  const words = await Promise.all(recordings.map(wordsOf))
  const pages = Buffer.alloc(3 * width * height * count, 24)
  for (const [number, recording] of recordings.entries()) {
    const [left, top] = [
      (number % columns) * tile.width,
      Math.floor(number / columns) * (tile.height + tile.words),
    ]
    let picture: Uint8Array | undefined
    for (let page = 0; page < count; page++) {
      const { frames } = recording
      if (page < frames.length) picture = drawFrame(recording, frames[page]!)
      const ended = page >= frames.length
      const start = page * height * width
      paste(pages, width, start, left, top, picture!, tile.width)
      paste(
        pages,
        width,
        start,
        left,
        top + tile.height,
        words[number]![ended ? 'after' : 'before'],
        tile.width,
      )
    }
  }
  const raw = { width, height: height * count, channels: 3 as const, pageHeight: height }
  const delay = Array.from({ length: count }, () => Math.round(1000 / film.rate))
  return sharp(pages, { raw }).webp({ quality: 70, effort: 2, loop: 0, delay }).toBuffer()
}

/** The onlooker's view of one moment, with the robot's image in a corner, RGB [height, width, 3]. */
function drawFrame({ scene, seen, box }: Recording, frame: Float32Array): Uint8Array {
  const { color } = render(sceneAt(scene, frame))
  const scale = seen.width / tile.seen
  for (let y = 0; y < tile.seen; y++) {
    for (let x = 0; x < tile.seen; x++) {
      const from = 3 * (Math.floor(y * scale) * seen.width + Math.floor(x * scale))
      const framed = onBox(x / tile.seen, y / tile.seen, box)
      const rgb = framed ? [80, 255, 120] : seen.data.subarray(from, from + 3)
      color.set(rgb, 3 * ((y + 6) * tile.width + x + 6))
    }
  }
  return color
}

/** A scene with its objects in the poses of one moment. */
const sceneAt = (scene: RenderScene, frame: Float32Array): RenderScene => ({
  ...scene,
  objects: scene.objects.map((object, i) => {
    const pose = frame.subarray(poseLength * i, poseLength * (i + 1))
    const position: Vector3 = [pose[0]!, pose[1]!, pose[2]!]
    return { ...object, position, rotation: pose.subarray(3) }
  }),
})

/** Tell if a point, in fractions of the image, is on the edge of a box. */
function onBox(x: number, y: number, box: readonly number[] | undefined): boolean {
  if (box === undefined) return false
  const [left, top, right, bottom] = box as [number, number, number, number]
  const pixel = 1 / tile.seen
  const inside = x > left - pixel && x < right + pixel && y > top - pixel && y < bottom + pixel
  return inside && (x < left + pixel || x > right - pixel || y < top + pixel || y > bottom - pixel)
}

/** Words below a recording, during it and after its end. */
async function wordsOf(recording: Recording): Promise<{ before: Uint8Array; after: Uint8Array }> {
  const { episode, outcome } = recording
  const [before, after] = await Promise.all([
    line(episode.text, recording.task, '#9aa4b2'),
    line(episode.text, verdictOf(recording), succeeded(outcome) ? '#4ade80' : '#f87171'),
  ])
  return { before: before!, after: after! }
}

function line(command: string, more: string, color: string): Promise<Uint8Array> {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const font = 'font-family="DejaVu Sans, Arial, sans-serif"'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${tile.width}" height="${tile.words}">
<rect width="100%" height="100%" fill="#181b20"/>
<text x="8" y="14" ${font} font-size="11.5" fill="#f2f4f8">${escaped(command)}</text>
<text x="8" y="29" ${font} font-size="11" fill="${color}">${escaped(more)}</text></svg>`
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer()
}

/** Copy rows of an image into a larger one. @param start First pixel of the larger image's page. */
function paste(
  pages: Uint8Array,
  width: number,
  start: number,
  left: number,
  top: number,
  picture: Uint8Array,
  pictureWidth: number,
): void {
  const height = picture.length / (3 * pictureWidth)
  for (let y = 0; y < height; y++) {
    const row = picture.subarray(3 * y * pictureWidth, 3 * (y + 1) * pictureWidth)
    pages.set(row, 3 * (start + (top + y) * width + left))
  }
}

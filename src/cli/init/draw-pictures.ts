import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { random, writeFileAtomic } from '../../core/index.ts'

const colors = ['red', 'green', 'blue', 'orange', 'purple', 'black']
const shapes: Readonly<Record<string, string>> = {
  circle: '<circle r="11"/>',
  square: '<rect x="-10" y="-10" width="20" height="20"/>',
  triangle: '<path d="M0 -12 12 11H-12z"/>',
  cross: '<path d="M-4 -12h8v8h8v8h-8v8h-8v-8h-8v-8h8z"/>',
  ring: '<path fill-rule="evenodd" d="M-12 0a12 12 0 1 0 24 0a12 12 0 1 0 -24 0zM-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"/>',
}

/** Drawings of each colour and shape; the last is for the validation. */
const drawings = 4

/**
 * Draw coloured shapes, 64 pixels a side, with `train.jsonl` and `validation.jsonl`: a project can be trained before it
 * has pictures of its own. Sizes, turns and places are drawn by a fixed seed.
 */
export async function drawPictures(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const rows = { train: [] as string[], validation: [] as string[] }
  for (const color of colors) {
    for (const [shape, drawing] of Object.entries(shapes)) {
      for (let number = 1; number <= drawings; number++) {
        const file = `${color}-${shape}-${number}.png`
        await sharp(Buffer.from(svgOf(color, drawing, number)))
          .png()
          .toFile(join(directory, file))
        const row = `${JSON.stringify({ file, caption: `a ${color} ${shape}` })}\n`
        rows[number === drawings ? 'validation' : 'train'].push(row)
      }
    }
  }
  for (const [name, lines] of Object.entries(rows))
    writeFileAtomic(join(directory, `${name}.jsonl`), lines.join(''))
}

function svgOf(color: string, drawing: string, number: number): string {
  const stream = random(1, color, drawing, number)
  const between = (low: number, high: number) => (low + (high - low) * stream.uniform()).toFixed(2)
  const place = `translate(${between(26, 38)} ${between(26, 38)})`
  const form = `${place} rotate(${between(-15, 15)}) scale(${between(1.2, 1.9)})`
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#f2f0ea"/>' +
    `<g fill="${color}" transform="${form}">${drawing}</g></svg>`
  )
}

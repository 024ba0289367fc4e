import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const colors = ['red', 'green', 'blue', 'orange', 'purple', 'black']
const shapes: Readonly<Record<string, string>> = {
  circle: '<circle cx="16" cy="16" r="11"/>',
  square: '<rect x="6" y="6" width="20" height="20"/>',
  triangle: '<path d="M16 4 28 27H4z"/>',
  cross: '<path d="M12 4h8v8h8v8h-8v8h-8v-8H4v-8h8z"/>',
}

/**
 * A folder data set of 24 drawings, `red-circle.png` and so on, each with two captions in `captions.jsonl`.
 * @param badRows Further lines of `captions.jsonl`, from line 25 on.
 */
export async function drawShapes(directory: string, badRows: readonly string[] = []): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const rows: string[] = []
  for (const color of colors) {
    for (const [name, drawing] of Object.entries(shapes)) {
      const file = `${color}-${name}.png`
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" fill="${color}">${drawing}</svg>`
      await sharp(Buffer.from(svg)).png().toFile(join(directory, file))
      rows.push(JSON.stringify({ file, captions: [`a ${color} ${name}`, `${name}, ${color}`] }))
    }
  }
  writeFileSync(join(directory, 'captions.jsonl'), [...rows, ...badRows].map((row) => `${row}\n`).join(''))
}

import { readFileSync } from 'node:fs'
import type { CameraPixels } from '../../src/data/images/index.ts'

/** The picture that `test/golden/images/processors.py` draws: triangles of levels, a few periods a side. */
export function waves(width: number, height: number): CameraPixels {
  const half = Math.max(4, Math.floor(Math.min(width, height) / 24))
  const data = new Uint8Array(3 * width * height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const phase of [x, y, x + y]) {
        const place = phase % (2 * half)
        data[i++] = Math.floor((Math.min(place, 2 * half - place) * 255) / half)
      }
    }
  }
  return { width, height, data }
}

/** The pixels of a square that the golden file keeps: eight rows of eight, the corners among them. */
export function spots(side: number): number[] {
  const places = Array.from({ length: 8 }, (_, i) => roundHalfToEven((i * (side - 1)) / 7))
  return places.flatMap((y) => places.map((x) => y * side + x))
}

/** Python's `round`. */
function roundHalfToEven(x: number): number {
  const down = Math.floor(x)
  if (x - down !== 0.5) return Math.round(x)
  return down % 2 === 0 ? down : down + 1
}

/** What Hugging Face's image processors make of these pictures. */
export interface ProcessorsGolden {
  readonly sizes: readonly (readonly [width: number, height: number, levels: string])[]
  readonly configs: readonly {
    readonly modelType: string
    readonly content: Readonly<Record<string, unknown>>
    readonly refused?: string
    readonly pictures?: readonly {
      readonly width: number
      readonly height: number
      readonly side: number
      readonly values: readonly number[]
    }[]
  }[]
  readonly classes: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export const processorsGolden = (): ProcessorsGolden =>
  JSON.parse(readFileSync(new URL('../golden/images/processors.json', import.meta.url), 'utf8'))

import { writeFileSync } from 'node:fs'
import sharp from 'sharp'
import { random } from 'visuomotor/core'
import {
  loadMujoco,
  parseRandomization,
  type Rendering,
  randomizeScene,
  render,
  renderState,
  type Setting,
  Simulation,
  sampleScene,
  surroundings,
} from 'visuomotor/world'

/**
 * Draw the sheet of images of docs/world.md, a table and a floor: image, depth, segmentation, three random looks.
 *
 *     node --import tsx/esm scripts/picture-of-world.ts docs/images/world.png
 */
const [picture] = process.argv.slice(2)
if (picture === undefined) throw new Error('name the picture')

const [side, gap, columns] = [160, 4, 6]
const tableHeight = 0.72
const mujoco = await loadMujoco()

/** Colours of the segmentation: of the surroundings, then of each object. */
const palette = [
  [60, 60, 66],
  [70, 149, 242],
  [232, 62, 60],
  [86, 190, 92],
  [255, 197, 61],
  [178, 104, 226],
  [74, 205, 205],
] as const

function picturesOf(setting: Setting, seed: number): Uint8Array[] {
  const scene = sampleScene(random(seed, 'scene'), { setting, pairs: 'trained', tableHeight })
  const simulation = new Simulation(mujoco, scene)
  try {
    const plain = renderState(simulation, { width: side, height: side })
    const drawn = render(plain, { supersample: 2 })
    const looks = [1, 2, 3].map((look) => {
      const varied = randomizeScene(plain, parseRandomization({}), random(seed, 'look', look))
      return render(varied, { supersample: 2, seed: look }).color
    })
    return [drawn.color, depthOf(drawn), segmentsOf(drawn), ...looks]
  } finally {
    simulation.dispose()
  }
}

/** Grey by depth: white is the nearest place, black are those more than twice as far away. */
function depthOf({ depth }: Rendering): Uint8Array {
  const nearest = depth.reduce((least, value) => Math.min(least, value))
  return Uint8Array.from({ length: 3 * depth.length }, (_, i) => {
    const far = (depth[Math.floor(i / 3)]! / nearest - 1) / 1.2
    return Math.round(255 * (1 - Math.min(1, far)))
  })
}

const segmentsOf = ({ segmentation }: Rendering): Uint8Array =>
  Uint8Array.from({ length: 3 * segmentation.length }, (_, i) => {
    const id = Math.max(surroundings, segmentation[Math.floor(i / 3)]!)
    return palette[id % palette.length]![i % 3]!
  })

const rows = [picturesOf('table', 11), picturesOf('floor', 4)]
const raw = { width: side, height: side, channels: 3 } as const
const tiles = rows.flatMap((row, y) =>
  row.map((picture, x) => ({
    input: Buffer.from(picture),
    raw,
    left: x * (side + gap),
    top: y * (side + gap),
  })),
)
const size = { width: columns * (side + gap) - gap, height: rows.length * (side + gap) - gap }
const sheet = sharp({ create: { ...size, channels: 3, background: 'white' } }).composite(tiles)
writeFileSync(picture, await sheet.png({ compressionLevel: 9, palette: true }).toBuffer())

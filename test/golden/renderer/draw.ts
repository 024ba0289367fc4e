/**
 * Stores the renderer's pictures as they are drawn now. Look at them before they are committed:
 *
 *     node --import tsx test/golden/renderer/draw.ts
 */
import { join } from 'node:path'
import sharp from 'sharp'
import { pictures, size } from './pictures.ts'

for (const [name, draw] of Object.entries(pictures)) {
  const raw = { width: size, height: size, channels: 3 } as const
  await sharp(draw(), { raw }).png({ compressionLevel: 9 }).toFile(join(import.meta.dirname, `${name}.png`))
}

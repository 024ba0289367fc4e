import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Region } from 'sharp'

/**
 * Draw the first picture of the documentation, of pictures that are there:
 *
 *     node --import tsx/esm scripts/picture-of-overview.ts docs/images/overview.png
 */
const [picture] = process.argv.slice(2)
if (picture === undefined) throw new Error('name the picture')

const images = join(import.meta.dirname, '../docs/images')
const [width, height] = [1240, 560]
const font = 'font-family="DejaVu Sans, Arial, sans-serif"'

const text = (x: number, y: number, words: string, style = '') =>
  `<text x="${x}" y="${y}" ${font} font-size="17" fill="#1f2328" ${style}>${words}</text>`
const title = (x: number, words: string) => text(x, 44, words, 'style="font-size:22px; font-weight:bold"')
const small = (x: number, y: number, words: string) =>
  text(x, y, words, 'style="font-size:14px" fill-opacity="0.65"')
const box = (x: number, y: number, w: number, h: number, fill = '#ffffff') =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="10" fill="${fill}" stroke="#c9ced6" stroke-width="1.5"/>`
const arrow = (x: number, y: number) =>
  `<path d="M${x} ${y}h44m-12 -9l13 9l-13 9" fill="none" stroke="#2f6feb" stroke-width="4" stroke-linecap="round"/>`

const code = [
  'train({',
  "  data: folder('photos'),",
  '  model: dualEncoder({ … }),',
  '  objective: contrastive(),',
  '  optimizer: adamW({ … }),',
  '  epochs: 30,',
  '})',
]
const places = [
  ['robot', 'PolicyRuntime.act, in Node'],
  ['server', 'openpi, KServe v2, HTTP'],
  ['browser', 'WebGPU, WebAssembly'],
  ['Python, transformers.js', 'as it lies there'],
] as const

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <rect width="${width}" height="${height}" fill="#f6f7f9"/>
  ${title(30, 'Your data')}
  ${box(30, 66, 270, 205)}${text(46, 254, '“weary cat”, “cooking”, …')}
  ${box(30, 290, 270, 240)}${text(46, 450, '“find the green bin”, …')}
  ${small(46, 478, 'pictures, commands, episodes')}
  ${arrow(312, 300)}
  ${title(374, 'One language, one graph')}
  ${box(374, 66, 380, 205, '#1f2328')}
  ${code.map((line, i) => `<text x="394" y="${100 + 24 * i}" font-family="DejaVu Sans Mono, monospace" font-size="16" fill="#e6edf3" xml:space="preserve">${line}</text>`).join('')}
  ${box(374, 290, 380, 240)}${small(394, 514, 'judged on what it has not seen')}
  ${arrow(766, 300)}
  ${title(828, 'What runs is what was trained')}
  ${places.map(([where, how], i) => box(828, 66 + 82 * i, 382, 68) + text(848, 95 + 82 * i, where, 'style="font-weight:bold"') + small(848, 119 + 82 * i, how)).join('')}
  ${box(828, 394, 382, 136)}
</svg>`

const part = async (name: string, region: Region, side: { width: number; height: number }) =>
  sharp(join(images, name)).extract(region).resize(side).toBuffer()

const cat = { left: 40, top: 740, width: 80, height: 80 }
const pan = { left: 40, top: 880, width: 80, height: 80 }
const table = { left: 0, top: 0, width: 160, height: 160 }
const floor = { left: 0, top: 164, width: 160, height: 160 }
const chart = { left: 30, top: 430, width: 720, height: 190 }
const figures = { left: 30, top: 130, width: 520, height: 110 }
const film = await sharp(join(images, 'rollout.webp'), { page: 17 }).resize({ height: 120 }).toBuffer()
const layers = [
  { input: await part('report.png', cat, { width: 112, height: 112 }), left: 46, top: 92 },
  { input: await part('report.png', pan, { width: 112, height: 112 }), left: 172, top: 92 },
  { input: await part('world.png', table, { width: 112, height: 112 }), left: 46, top: 306 },
  { input: await part('world.png', floor, { width: 112, height: 112 }), left: 172, top: 306 },
  { input: await part('report.png', chart, { width: 356, height: 94 }), left: 386, top: 400 },
  { input: await part('report.png', figures, { width: 356, height: 75 }), left: 386, top: 320 },
  { input: film, left: 915, top: 402 },
]
const drawn = sharp(Buffer.from(drawing)).composite(layers)
writeFileSync(picture, await drawn.png({ compressionLevel: 9, palette: true }).toBuffer())

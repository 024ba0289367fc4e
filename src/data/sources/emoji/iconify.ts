import { join } from 'node:path'
import { readEmojis } from './concepts.ts'
import { packageFolder, readPackageJson } from './packages.ts'
import type { Drawings } from './styles.ts'

interface IconifySet {
  readonly icons: Readonly<Record<string, { readonly body: string }>>
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>
  readonly width: number
  readonly height: number
}

/** Pixels an SVG declares as its size; the size of the PNG styles. */
const drawnSize = 64

/** An Iconify set of emoji: SVG drawings named after CLDR's labels. */
export function readIconifySet(packageName: string): Drawings {
  const set = readPackageJson<IconifySet>(`${packageName}/icons.json`)
  const origin = { file: join(packageFolder(packageName), 'icons.json') }
  const byName = new Map(readEmojis().map((emoji) => [iconNameOf(emoji.label), emoji.hexcode]))
  const names = Object.entries(set.aliases ?? {}).map(([alias, { parent }]) => [alias, parent] as const)
  for (const name of Object.keys(set.icons)) names.push([name, name])
  const drawings = new Map()
  for (const [name, icon] of names) {
    const hexcode = byName.get(name)
    const body = set.icons[icon]?.body
    if (hexcode && body) drawings.set(hexcode, { image: { bytes: svg(set, body) }, origin })
  }
  return drawings
}

function svg(set: IconifySet, body: string): Uint8Array {
  const viewBox = `0 0 ${set.width} ${set.height}`
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${drawnSize}" height="${drawnSize}" viewBox="${viewBox}">${body}</svg>`,
  )
}

/** `flag: Côte d’Ivoire` → `flag-cote-divoire`, as Iconify names its icons. */
function iconNameOf(label: string): string {
  return label
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replace(/[ -]+/g, '-')
}

import { join } from 'node:path'
import type { Drawing, Drawings } from './drawing.ts'
import { packageFolder, readPackageJson } from './packages.ts'

/** A view box; an icon inherits missing fields from its set. */
interface ViewBox {
  readonly left?: number
  readonly top?: number
  readonly width?: number
  readonly height?: number
}

interface IconifySet extends ViewBox {
  readonly icons: Readonly<Record<string, ViewBox & { readonly body: string }>>
  readonly aliases?: Readonly<Record<string, { readonly parent: string }>>
}

/** Default size of Iconify for a set without one. */
const iconifySize = 16

/** Pixels an SVG declares as its size: the size of the PNG styles. */
const drawnSize = 64

/** The SVG drawings of an Iconify set, its icons and their aliases looked up by name. */
export function readIconifySet(
  packageName: string,
  hexcodeOf: (iconName: string) => string | undefined,
): Drawings {
  const set = readPackageJson<IconifySet>(`${packageName}/icons.json`)
  const origin = { file: join(packageFolder(packageName), 'icons.json') }
  const parents = Object.entries(set.aliases ?? {}).map(([name, { parent }]) => [name, parent] as const)
  const icons = Object.keys(set.icons).map((name) => [name, name] as const)
  const drawings = new Map<string, Drawing>()
  for (const [name, icon] of [...parents, ...icons]) {
    const hexcode = hexcodeOf(name)
    if (hexcode) drawings.set(hexcode, { image: { bytes: svgOf(set, icon) }, origin })
  }
  return drawings
}

function svgOf(set: IconifySet, name: string): Uint8Array {
  const { body, left = 0, top = 0, width = set.width, height = set.height } = set.icons[name]!
  const viewBox = `${left} ${top} ${width ?? iconifySize} ${height ?? iconifySize}`
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ' +
      `width="${drawnSize}" height="${drawnSize}" viewBox="${viewBox}">${body}</svg>`,
  )
}

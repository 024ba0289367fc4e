import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EncodedImage, Origin } from '../../sample.ts'
import { normalizeHexcode } from './concepts.ts'
import { readIconifySet } from './iconify.ts'
import { packageFolder } from './packages.ts'

/** One drawing and where it comes from. */
export interface Drawing {
  readonly image: EncodedImage
  readonly origin: Origin
}

/** The drawings of one style by hexcode. */
export type Drawings = ReadonlyMap<string, Drawing>

/** Styles a model may train on. Their licences are in docs/data-sources.md. */
export const trainingStyles = {
  google: () => readFolder('emoji-datasource-google', 'img/google/64'),
  twitter: () => readFolder('emoji-datasource-twitter', 'img/twitter/64'),
  noto: () => readIconifySet('@iconify-json/noto-v1'),
  emojione: () => readIconifySet('@iconify-json/emojione'),
} as const satisfies Record<string, () => Drawings>

export type EmojiStyle = keyof typeof trainingStyles

/** The style nobody trains on. */
export const testStyle = { fluent: () => readFolder('@lobehub/fluent-emoji-3d', 'assets') }

/** A package with one file an emoji, named by hexcode. */
function readFolder(packageName: string, folder: string): Drawings {
  const path = join(packageFolder(packageName), folder)
  const drawings = new Map<string, Drawing>()
  for (const name of readdirSync(path).sort()) {
    const file = join(path, name)
    drawings.set(normalizeHexcode(name.replace(/\.\w+$/, '')), { image: { file }, origin: { file } })
  }
  return drawings
}

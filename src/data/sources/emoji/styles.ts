import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cldrNames } from './cldr-names.ts'
import { type Emoji, normalizeHexcode } from './concepts.ts'
import type { Drawing, Drawings } from './drawing.ts'
import { fxemojiHexcodes } from './fxemoji-names.ts'
import { readIconifySet } from './iconify.ts'
import { packageFolder } from './packages.ts'

type StyleReader = (emojis: readonly Emoji[]) => Drawings

/** Styles a model may train on, each from one npm package. Their licences are in docs/data-sources.md. */
export const trainingStyles = {
  google: () => readFolder('emoji-datasource-google', 'img/google/64'),
  twitter: () => readFolder('emoji-datasource-twitter', 'img/twitter/64'),
  noto: (emojis) => readIconifySet('@iconify-json/noto-v1', cldrNames(emojis)),
  emojione: (emojis) => readIconifySet('@iconify-json/emojione', cldrNames(emojis)),
  oreo: () => readFolder('emoji-google-oreo', 'img/google/64'),
  streamline: (emojis) => {
    const hexcodeOf = cldrNames(emojis)
    return readIconifySet('@iconify-json/streamline-emojis', (name) => hexcodeOf(name.replace(/-1$/, '')))
  },
  fxemoji: () => readIconifySet('@iconify-json/fxemoji', (name) => fxemojiHexcodes.get(name)),
} as const satisfies Record<string, StyleReader>

export type EmojiStyle = keyof typeof trainingStyles

/** Style of both tests, on which no model trains. */
export const fluent = (): Drawings => readFolder('@lobehub/fluent-emoji-3d', 'assets')

/** Drawings of a package with one file for each emoji, named by hexcode. */
function readFolder(packageName: string, folder: string): Drawings {
  const path = join(packageFolder(packageName), folder)
  const drawings = new Map<string, Drawing>()
  for (const name of readdirSync(path).sort()) {
    const file = join(path, name)
    drawings.set(normalizeHexcode(name.replace(/\.\w+$/, '')), { image: { file }, origin: { file } })
  }
  return drawings
}

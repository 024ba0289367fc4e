import { readPackageJson } from './packages.ts'

/** One emoji as Unicode lists it, without skin tones. */
export interface Emoji {
  /** Lower-case code points joined by `-`, without variation selectors: `1f3c3-200d-2642`. */
  readonly hexcode: string
  /** CLDR's name, e.g. `man running`. */
  readonly label: string
  /** CLDR's keywords, e.g. `race`. */
  readonly tags: readonly string[]
  /** Base hexcode of its concept; `1f3c3` for everyone who runs. */
  readonly concept: string
}

interface EmojibaseEntry {
  readonly hexcode: string
  readonly label: string
  readonly tags?: readonly string[]
  readonly group?: number
}

/** Group of skin tones and hair colours, which are parts of emoji. Letters of flags have no group at all. */
const componentGroup = 2

/** Every emoji with its name, tags and concept, in Unicode's order. */
export function readEmojis(): Emoji[] {
  return readPackageJson<EmojibaseEntry[]>('emojibase-data/en/data.json')
    .filter((entry) => entry.group !== undefined && entry.group !== componentGroup)
    .map((entry) => ({
      hexcode: normalizeHexcode(entry.hexcode),
      label: entry.label,
      tags: entry.tags ?? [],
      concept: conceptOf(entry.hexcode),
    }))
}

/** One spelling for all packages: lower case, without the variation selector that some omit. */
export const normalizeHexcode = (hexcode: string): string => hexcode.toLowerCase().replaceAll('-fe0f', '')

/** Emoji of one meaning that Unicode gave unrelated code points for men, women and others. */
const gendered: Readonly<Record<string, string>> = {
  '1f936': '1f385', // Mrs. Claus, Santa Claus
  '1f9d1-200d-1f384': '1f385', // Mx Claus
  '1f934': '1fac5', // prince, person with crown
  '1f478': '1fac5', // princess
  '1fac3': '1f930', // pregnant man, pregnant woman
  '1fac4': '1f930', // pregnant person
  '1f57a': '1f483', // man dancing, woman dancing
  '1f46b': '1f9d1-200d-1f91d-200d-1f9d1', // two people holding hands
  '1f46c': '1f9d1-200d-1f91d-200d-1f9d1',
  '1f46d': '1f9d1-200d-1f91d-200d-1f9d1',
}

/**
 * The concept of an emoji: its hexcode without what says gender, hair, skin or direction. The drawings of a
 * man, a woman and a person who run are so alike that they must be on one side of every split.
 */
export function conceptOf(hexcode: string): string {
  const base = normalizeHexcode(hexcode)
    .replace(/-1f3f[b-f]/g, '') // skin tones
    .replace(/-200d-(2640|2642|27a1)/g, '') // woman, man, facing right
    .replace(/-200d-1f9b[0-3]/g, '') // hair
    .replace(/1f46[89]/g, '1f9d1') // man, woman: person
    .replace(/1f46[67]/g, '1f9d2') // boy, girl: child
    .replace(/1f47[45]/g, '1f9d3') // old man, old woman: older person
  if (/^1f9d1-.*1f9d2$/.test(base)) return '1f46a' // parents and children: family
  if (/^1f9d1-.*2764-200d-1f48b/.test(base)) return '1f48f' // kiss
  if (/^1f9d1-.*2764/.test(base)) return '1f491' // couple with heart
  return gendered[base] ?? base
}

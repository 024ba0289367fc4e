import { readPackageJson } from './packages.ts'

/** One emoji as Unicode lists it, without skin tones. */
export interface Emoji {
  /** Lower-case code points joined by `-`, without variation selectors: `1f3c3-200d-2642`. */
  readonly hexcode: string
  /** CLDR's name, e.g. `man running`. */
  readonly label: string
  /** CLDR's keywords, e.g. `race`. */
  readonly tags: readonly string[]
  /** Hexcode of its concept; `1f3c3` for every emoji of a runner. */
  readonly concept: string
}

interface EmojibaseEntry {
  readonly hexcode: string
  readonly label: string
  readonly tags?: readonly string[]
  readonly group?: number
  /** Version of Emoji that brought it: 0.6 … 17. */
  readonly version: number
}

/** Group of skin tones and hair colours, which are parts of emoji. Letters of flags have no group at all. */
const componentGroup = 2

/**
 * Every emoji with its name, tags and concept.
 *
 * Emoji that give their concept its name come first, then emoji without a gender, and older before newer. So the first
 * of several emoji with one drawing has the best label (`family`, not `family: man, man, boy`; `flag: Saudi Arabia`,
 * not `flag: Sark`; Google ships one file for both).
 */
export function readEmojis(): Emoji[] {
  return readPackageJson<EmojibaseEntry[]>('emojibase-data/en/data.json')
    .filter((entry) => entry.group !== undefined && entry.group !== componentGroup)
    .sort((a, b) => remoteness(a.hexcode) - remoteness(b.hexcode) || a.version - b.version)
    .map(({ hexcode, label, tags = [] }) => ({
      hexcode: normalizeHexcode(hexcode),
      label,
      tags,
      concept: conceptOf(hexcode),
    }))
}

/** Common spelling for all packages: lower case, without the variation selector that some omit. */
export const normalizeHexcode = (hexcode: string): string => hexcode.toLowerCase().replaceAll('-fe0f', '')

/** Distance of an emoji from its concept: 0 is the concept itself, 1 a variant, 2 a man, woman, boy or girl. */
function remoteness(hexcode: string): number {
  const normal = normalizeHexcode(hexcode)
  if (normal === conceptOf(normal)) return 0
  return /1f46[6-9]|-26(40|42)/.test(normal) ? 2 : 1
}

const pairHoldingHands = '1f9d1-200d-1f91d-200d-1f9d1'

/** Emoji that look alike although Unicode gave them unrelated code points. */
const lookAlikes: Readonly<Record<string, string>> = {
  '1f471': '1f9d1', // person: blond hair, person
  '1f9d4': '1f9d1', // person: beard
  '1f936': '1f385', // Mrs. Claus, Santa Claus
  '1f9d1-200d-1f384': '1f385', // Mx Claus
  '1f934': '1fac5', // prince, person with crown
  '1f478': '1fac5', // princess
  '1fac3': '1f930', // pregnant man, pregnant woman
  '1fac4': '1f930', // pregnant person
  '1f57a': '1f483', // man dancing, woman dancing
  '1f6ba': '1f6b9', // women's room, men's room
  '1f46b': pairHoldingHands,
  '1f46c': pairHoldingHands,
  '1f46d': pairHoldingHands,
  '1f1e7-1f1fb': '1f1f3-1f1f4', // Bouvet Island flies Norway's flag
  '1f1f8-1f1ef': '1f1f3-1f1f4', // Svalbard & Jan Mayen
  '1f1ed-1f1f2': '1f1e6-1f1fa', // Heard & McDonald Islands: Australia's
  '1f1e8-1f1f5': '1f1eb-1f1f7', // Clipperton Island: France's
  '1f1f2-1f1eb': '1f1eb-1f1f7', // St. Martin
  '1f1fc-1f1eb': '1f1eb-1f1f7', // Wallis & Futuna
  '1f1e9-1f1ec': '1f1ee-1f1f4', // Diego Garcia: British Indian Ocean Territory's
  '1f1ea-1f1e6': '1f1ea-1f1f8', // Ceuta & Melilla: Spain's
  '1f1fa-1f1f2': '1f1fa-1f1f8', // U.S. Outlying Islands: the United States'
}

/**
 * Concept of an emoji: its hexcode without the code points for gender, hair, skin and direction. The drawings of a
 * running man, woman and person are so similar that they must be on one side of every split.
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
  return lookAlikes[base] ?? base
}

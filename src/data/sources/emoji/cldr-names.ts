import type { Emoji } from './concepts.ts'

/** Names that CLDR has changed since the Iconify sets were made, old to new. */
const renamed: Readonly<Record<string, string>> = {
  'blond-haired-person': 'person: blond hair',
  'bride-with-veil': 'person with veil',
  'cat-face-with-tears-of-joy': 'cat with tears of joy',
  'cat-face-with-wry-smile': 'cat with wry smile',
  'crying-cat-face': 'crying cat',
  'direct-hit': 'bullseye',
  'dizzy-face': 'face with crossed-out eyes',
  'flag-for-turkey': 'flag: Türkiye',
  'grinning-cat-face': 'grinning cat',
  'grinning-cat-face-with-smiling-eyes': 'grinning cat with smiling eyes',
  'heavy-heart-exclamation': 'heart exclamation',
  'hugging-face': 'smiling face with open hands',
  'keycap-asterisk': 'keycap: *',
  'keycap-pound': 'keycap: #',
  'kissing-cat-face': 'kissing cat',
  'man-and-woman-holding-hands': 'woman and man holding hands',
  'man-in-suit-levitating': 'person in suit levitating',
  'man-with-chinese-cap': 'person with skullcap',
  'pouting-cat-face': 'pouting cat',
  'pouting-face': 'enraged face',
  'robot-face': 'robot',
  'smiling-cat-face-with-heart-eyes': 'smiling cat with heart-eyes',
  'two-men-holding-hands': 'men holding hands',
  'two-women-holding-hands': 'women holding hands',
  'up-exclamation-button': 'UP! button',
  'up-text-button': 'UP! button',
  'weary-cat-face': 'weary cat',
}

/** Lookup of the hexcode of an icon that is named after CLDR's label: `flag-for-flag-cote-divoire`. */
export function cldrNames(emojis: readonly Emoji[]): (iconName: string) => string | undefined {
  const byLabel = new Map(emojis.map(({ label, hexcode }) => [letters(label), hexcode]))
  return (iconName) => byLabel.get(letters(renamed[iconName] ?? withoutFlagFor(iconName)))
}

/**
 * Name without the prefix: `flag-for-flag-france`, `flag-for-france` → `flag-france`, but `flag-for-white-flag` →
 * `white-flag`.
 */
const withoutFlagFor = (name: string): string =>
  name.replace(/^flag-for-(.+-flags?)$/, '$1').replace(/^flag-for-(flag-)?/, 'flag-')

/** Common form of labels and icon names: letters without accents, and digits. Remarks in parentheses go. */
const letters = (name: string): string =>
  name
    .replace('&', 'and')
    .replace(/ \(.*\)/, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9*#]/g, '')

import { describe, expect, it } from 'vitest'
import { conceptOf, readEmojis } from './concepts.ts'

const emojis = readEmojis()

describe('concepts', () => {
  it.each([
    ['1F3C3-200D-2642-FE0F', '1f3c3', 'man running'],
    ['1F3C3-1F3FF-200D-2640-FE0F-200D-27A1-FE0F', '1f3c3', 'woman running: facing right, dark skin tone'],
    ['1F469-200D-1F9B0', '1f9d1', 'woman: red hair'],
    ['1F471-200D-2640-FE0F', '1f9d1', 'woman: blond hair'],
    ['1F468-200D-1F373', '1f9d1-200d-1f373', 'man cook'],
    ['1F468-200D-1F469-200D-1F467-200D-1F466', '1f46a', 'family: man, woman, girl, boy'],
    ['1F469-200D-2764-FE0F-200D-1F48B-200D-1F468', '1f48f', 'kiss: woman, man'],
    ['1F469-200D-2764-FE0F-200D-1F468', '1f491', 'couple with heart: woman, man'],
    ['2764-FE0F-200D-1F525', '2764-200d-1f525', 'heart on fire is not a couple'],
    ['1F46B', '1f9d1-200d-1f91d-200d-1f9d1', 'woman and man holding hands'],
    ['1F1E8-1F1F5', '1f1eb-1f1f7', 'flag: Clipperton Island'],
  ])('%s belongs to %s (%s)', (hexcode, concept) => {
    expect(conceptOf(hexcode)).toBe(concept)
  })

  it('are named after one of their emoji', () => {
    const hexcodes = new Set(emojis.map(({ hexcode }) => hexcode))
    expect(emojis.filter(({ concept }) => !hexcodes.has(concept))).toEqual([])
  })

  it('join labels that differ in gender, hair or direction only', () => {
    const people = emojis.filter(({ label }) => withoutGender(label) !== label.toLowerCase())
    const conceptOfWords = new Map(emojis.map(({ label, concept }) => [withoutGender(label), concept]))
    for (const { label, concept } of people.filter(({ label }) => withoutGender(label) !== '')) {
      expect([label, conceptOfWords.get(withoutGender(label))]).toEqual([label, concept])
    }
    expect(people.length).toBeGreaterThan(250)
  })

  it('come before their variants, and neutral variants before men and women', () => {
    const place = (label: string) => emojis.findIndex((emoji) => emoji.label === label)
    expect(place('family')).toBeLessThan(place('family: adult, adult, child'))
    expect(place('family: adult, adult, child')).toBeLessThan(place('family: man, man, boy'))
    expect(place('flag: Norway')).toBeLessThan(place('flag: Bouvet Island'))
  })
})

/** `woman running: facing right` → `running`; goes by words, where `conceptOf` goes by code points. */
const withoutGender = (label: string): string =>
  label
    .toLowerCase()
    .replace(/: (facing right|.* hair|bald|beard)$/, '')
    .split(/[\s,:’]+/)
    .filter((word) => !/^(wo)?m[ae]n$|^(and|person|people|adult|boy|girl|child)$/.test(word))
    .join(' ')

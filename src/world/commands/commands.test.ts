import { describe, expect, test } from 'vitest'
import { random, WorldError } from '../../core/index.ts'
import { augmentText } from '../../data/text/augment.ts'
import { paraphraseTemplates } from '../../data/text/paraphrase.ts'
import { synonyms } from '../../data/text/synonyms.ts'
import type { ColorName } from '../scene/colors.ts'
import type { KindName } from '../scene/kinds.ts'
import { sampleScene } from '../scene/sample-scene.ts'
import { centerOf, isNamed, type NamedThing, type Scene } from '../scene/scene.ts'
import { chooseMeaning, writeCommand } from './choose-command.ts'
import { parseCommand } from './parse-command.ts'
import { phrasings } from './phrasings.ts'
import { distanceToRelation, relationHolds } from './relations.ts'
import { resolveCommand } from './resolve-command.ts'

const thing = (color: ColorName, kind: KindName, x: number, y: number): NamedThing => ({
  kind,
  color,
  shade: [1, 1, 1],
  position: [x, y, 0.72],
  yaw: 0,
  scale: 1,
})

/** As the robot sees it: the red cup left before the box, the blue cup right of it, a book behind the red cup. */
const scene: Scene = {
  setting: 'table',
  things: [
    thing('red', 'cup', 0.45, 0.12),
    thing('yellow', 'box', 0.45, 0),
    thing('blue', 'cup', 0.45, -0.12),
    thing('green', 'book', 0.6, 0.12),
    thing('green', 'ball', 0.6, -0.13),
  ],
}

const codeOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof WorldError) return error.code
    throw error
  }
  return 'nothing thrown'
}

describe('a relation', () => {
  test.each([
    ['left', [0.5, 0.1], true],
    ['left', [0.5, -0.1], false],
    ['right', [0.5, -0.1], true],
    ['front', [0.4, 0], true],
    ['behind', [0.6, 0], true],
    ['behind', [0.4, 0], false],
    ['behind', [0.6, 0.1], undefined],
    ['left', [0.6, 0.1], undefined],
    ['left', [0.55, 0.1], true],
  ] as const)('%s holds of %j to [0.5, 0]: %s', (relation, [x, y], holds) => {
    expect(relationHolds(relation, [x, y, 0.7], [0.5, 0, 0.7])).toBe(holds)
  })
})

describe('the way to a relation', () => {
  test.each([
    ['behind', [0.6, 0], 0],
    ['behind', [0.6, 0.069], 0], // 34.6°
    ['behind', [0.4, 0], 0.1],
    ['behind', [0.5, 0.1], 0.1 * Math.sin((55 * Math.PI) / 180)],
    ['left', [0.5, -0.1], 0.1],
  ] as const)('%s, from %j to [0.5, 0], is %d m', (relation, [x, y], metres) => {
    expect(distanceToRelation(relation, [x, y, 0.7], [0.5, 0, 0.7])).toBeCloseTo(metres, 9)
  })
})

describe('a command', () => {
  test.each([
    ['pick up the red cup', { action: 'pick', target: 0 }],
    ['Could you please grab the blue cup?', { action: 'pick', target: 2 }],
    ['point at the book behind the red cup', { action: 'point', target: 3 }],
    ['take the cup to the left of the box', { action: 'pick', target: 0 }],
    ['lift the yellow thing', { action: 'pick', target: 1 }],
    ['put the ball left of the green book', { action: 'put', target: 4, place: { is: 'left', to: 3 } }],
    [
      'in front of the box is where the book should stand',
      { action: 'put', target: 3, place: { is: 'front', to: 1 } },
    ],
  ])('%s', (text, meaning) => {
    expect(resolveCommand(parseCommand(text), scene)).toEqual(meaning)
  })

  test.each([
    ['pick up the cup', 'world/ambiguous-command'],
    ['pick up the green thing', 'world/ambiguous-command'],
    ['pick up the toy', 'world/nothing-meant'],
    ['pick up the cup behind the box', 'world/nothing-meant'],
    ['point at the ball behind the box', 'world/ambiguous-command'], // it lies between behind and right
    ['take the box left of the cup', 'world/ambiguous-command'], // which cup?
    ['go to the box', 'world/wrong-setting'],
    ['put the box left of the box', 'world/wrong-setting'],
    ['juggle the red cup', 'world/unknown-command'],
    ['pick up the crimson cup', 'world/unknown-command'],
    ['', 'world/unknown-command'],
  ])('refuses "%s" with %s', (text, code) => {
    expect(codeOf(() => resolveCommand(parseCommand(text), scene))).toBe(code)
  })

  test('names the word that it does not know and the nearest that it does', () => {
    expect(() => parseCommand('pick up the gren cup')).toThrow(/"gren".*"green"/)
  })

  test('prints only the ends of a long command', () => {
    const long = `pick up the ${'gren'.repeat(25_000)} cup`
    expect(() => parseCommand(long)).toThrow(
      /^cannot read "pick up the gren.{1,200} cup": the word "gren.{1,80}" is/,
    )
  })
})

describe('the grammar', () => {
  test('writes only what is read back as it was meant, in a thousand scenes of every sort', () => {
    let written = 0
    let [puts, pushes, stacks] = [0, 0, 0]
    for (let seed = 0; seed < 1000; seed++) {
      const setting = seed % 3 === 0 ? 'floor' : 'table'
      const drawn = sampleScene(random(seed, 'scene'), { setting, pairs: 'trained', tableHeight: 0.72 })
      drawn.things.forEach((each, target) => {
        if (!isNamed(each)) return
        const stream = random(seed, 'command', target)
        const actions = setting === 'table' && seed % 2 === 0 ? (['put', 'push'] as const) : undefined
        const meaning = chooseMeaning(drawn, target, stream, actions)
        if (meaning.direction) pushes += 1
        if (meaning.place?.is === 'on') stacks += 1
        if (meaning.place && meaning.place.is !== 'on') {
          const [lying, landmark] = [each, drawn.things[meaning.place.to]!].map(centerOf)
          expect(relationHolds(meaning.place.is, lying!, landmark!)).not.toBe(true)
          puts += 1
        }
        for (const kept of ['trained', 'heldOut'] as const) {
          const said = writeCommand(drawn, meaning, stream, kept)
          if (said === undefined) continue
          written += 1
          expect(parseCommand(said.text)).toEqual(said.command)
          expect(resolveCommand(said.command, drawn)).toEqual(meaning)
        }
      })
    }
    expect(written).toBeGreaterThan(5000)
    expect(puts).toBeGreaterThan(200)
    expect(pushes).toBeGreaterThan(100)
    expect(stacks).toBeGreaterThan(10)
  })

  test('keeps phrasings for tests that no training text can have, in whatever words and frames of the augmentation', () => {
    const written = Object.values(phrasings)
      .flatMap((each) => each.trained)
      .map((text) =>
        text
          .replace('{thing}', 'the red cup')
          .replace('{place}', 'left of the box')
          .replace('{direction}', 'to the left'),
      )
    const inOtherWords = written.flatMap((text) =>
      Array.from({ length: 40 }, (_, seed) =>
        augmentText(text, [synonyms({ probability: 0.6 })], random(seed)),
      ),
    )
    expect(inOtherWords).toContain('grasp the red mug')
    const said = [...new Set([...written, ...inOtherWords])].flatMap((text) => [
      text,
      ...paraphraseTemplates.commands.map((frame) => frame.replace('{}', () => text)),
    ])
    const heldOut = Object.values(phrasings).flatMap((each) => each.heldOut.map(patternOf))
    for (const text of said) {
      expect([text, heldOut.filter((pattern) => pattern.test(text))]).toEqual([text, []])
    }
    // The patterns find what they look for.
    expect(heldOut.some((pattern) => pattern.test('get hold of the red mug'))).toBe(true)
  })
})

const patternOf = (phrasing: string): RegExp =>
  new RegExp(
    `^${phrasing
      .replace('{thing}', 'the .+')
      .replace('{place}', '.+ the .+')
      .replace('{direction}', '(?:to|towards|away) .+')}$`,
  )

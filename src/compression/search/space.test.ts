import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ConfigError, random } from '../../core/index.ts'
import { choice, codeOf, drawFrom, keyOf, listOf, type Parameter, range, valueAt } from './parameter.ts'
import { drawUniformly } from './samplers/index.ts'
import { exists, parseSpace } from './space.ts'

describe('a space', () => {
  test.each<[string, unknown, RegExp]>([
    ['an empty one', {}, /empty/],
    ['a choice of nothing', { a: choice([]) }, /a: there is nothing to choose from/],
    [
      'a value twice',
      {
        a: choice([
          { x: 1, y: 2 },
          { y: 2, x: 1 },
        ]),
      },
      /named twice/,
    ],
    ['a range upside down', { a: range(2, 1) }, /min 2 is above max 1/],
    ['a step beyond the range', { a: range(0, 1, { step: 2 }) }, /leads beyond max 1/],
    ['a logarithm of 0', { a: range(0, 1, { log: true }) }, /above 0/],
    [
      'an unknown kind',
      { a: { kind: 'chioce', values: [1] } },
      /there is no 'chioce'; did you mean 'choice'\?/,
    ],
    [
      'an unknown key',
      { a: { kind: 'range', min: 0, max: 1, stpe: 1 } },
      /a\.stpe: .* did you mean 'step'\?/,
    ],
    ['a path that is none', { 'a..b': choice([1]) }, /not a path/],
    [
      'a condition on no path',
      { optimizer: choice([1]), b: choice([1], { when: { optimiser: [1] } }) },
      /no such path; did you mean 'optimizer'\?/,
    ],
    [
      'a condition on a value that never is',
      { a: choice([1, 2]), b: choice([1], { when: { a: [3] } }) },
      /it never is; there are 1, 2/,
    ],
    ['a condition on itself', { a: choice([1, 2], { when: { a: [1] } }) }, /on itself/],
    [
      'conditions in a circle',
      { a: choice([1, 2], { when: { b: [1] } }), b: choice([1, 2], { when: { a: [1] } }) },
      /circle/,
    ],
    [
      'conditions that never hold together',
      {
        a: choice([1, 2]),
        b: choice([1, 2], { when: { a: [1] } }),
        c: choice([1], { when: { a: [2], b: [1] } }),
      },
      /c: its conditions can never hold together/,
    ],
  ])('refuses %s', (_, space, message) => {
    expect(() => parseSpace(space)).toThrow(ConfigError)
    expect(() => parseSpace(space)).toThrow(message)
  })

  it('puts a path behind those that it needs, whatever their order', () => {
    const space = parseSpace({
      'optimizer.beta2': range(0.9, 0.99, { when: { optimizer: [{ kind: 'adamW' }] } }),
      'optimizer.deep.key': choice([1]),
      optimizer: choice([{ kind: 'adamW' }, { kind: 'sgd' }]),
    })
    expect(Object.keys(space)).toEqual(['optimizer', 'optimizer.beta2', 'optimizer.deep.key'])
  })

  it('gives a conditional value exactly where its condition holds', () => {
    const space = parseSpace({
      kind: choice(['a', 'b']),
      rate: range(0, 1, { when: { kind: ['b'] } }),
      inner: choice([1, 2], { when: { kind: ['b', 'a'] } }),
    })
    const kinds = new Set<unknown>()
    for (let i = 0; i < 50; i++) {
      const values = drawUniformly(space, random(1, i))
      kinds.add(values.kind)
      expect(Object.hasOwn(values, 'rate')).toBe(values.kind === 'b')
      expect(exists(space.rate!, values)).toBe(values.kind === 'b')
      expect(Object.hasOwn(values, 'inner')).toBe(true)
    }
    expect(kinds.size).toBe(2)
  })
})

describe('a parameter', () => {
  const parameters: fc.Arbitrary<Parameter> = fc.oneof(
    fc
      .uniqueArray(fc.jsonValue({ maxDepth: 1 }), {
        minLength: 1,
        maxLength: 6,
        selector: (x) => keyOf(x as never),
      })
      .map((values) => choice(values as never)),
    fc
      .record({
        min: fc.integer({ min: 2, max: 20 }),
        steps: fc.nat(12),
        step: fc.constantFrom(1, 2, 0.25, 0.1),
        log: fc.boolean(),
      })
      .map(({ min, steps, step, log }) => range(min, min + steps * step, { step, log })),
    fc
      .record({
        min: fc.double({ min: 0.001, max: 10, noNaN: true }),
        span: fc.double({ min: 0, max: 1000, noNaN: true }),
        log: fc.boolean(),
      })
      .map(({ min, span, log }) => range(min, min + span, { log })),
  )

  it('draws values that it knows again, and lists all of them', () => {
    fc.assert(
      fc.property(parameters, fc.integer(), (parameter, seed) => {
        const value = drawFrom(parameter, random(seed))
        const code = codeOf(parameter, value)
        expect(code).toBeDefined()
        expect(keyOf(valueAt(parameter, code!))).toBe(keyOf(value))
        const all = listOf(parameter)
        if (all) expect(all.map(keyOf)).toContain(keyOf(value))
      }),
      { seed: 5 },
    )
  })

  it('with a logarithm gives each power of ten as often', () => {
    const draws = Array.from(
      { length: 3000 },
      (_, i) => drawFrom(range(1e-4, 1e-1, { log: true }), random(2, i)) as number,
    )
    for (const power of [-4, -3, -2]) {
      const share = draws.filter((x) => x >= 10 ** power && x < 10 ** (power + 1)).length / 3000
      expect(share).toBeCloseTo(1 / 3, 1)
    }
  })

  it('knows no value beside its own', () => {
    expect(codeOf(range(0, 1, { step: 0.1 }), 0.30000000000000004)).toBeDefined()
    expect(codeOf(range(0, 1, { step: 0.1 }), 0.35)).toBeUndefined()
    expect(codeOf(range(0, 1), 1.5)).toBeUndefined()
    expect(codeOf(choice(['a']), 'b')).toBeUndefined()
    expect(listOf(range(0, 0.5, { step: 0.1 }))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5])
  })
})

import { expect, test } from 'vitest'
import { nameGroups } from './name-groups.ts'

test('joins names under the shortest prefix that stands for no other', () => {
  const names = ['fusion.a.weight', 'fusion.a.bias', 'heads.grip.out.weight', 'heads.grip.out.bias', 'scale']
  const others = ['text.a.weight', 'heads.move.out.weight', 'heads.move.out.bias']
  expect(nameGroups(names, others)).toEqual(['fusion.* (2)', 'heads.grip.* (2)', 'scale'])
})

test('keeps a name that is alone', () => {
  expect(nameGroups(['head.weight'], ['text.weight'])).toEqual(['head.weight'])
  expect(nameGroups(['head.weight', 'head.bias'], ['head.scale'])).toEqual(['head.weight', 'head.bias'])
  expect(nameGroups([], ['head.weight'])).toEqual([])
})

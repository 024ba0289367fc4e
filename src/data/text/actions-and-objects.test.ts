import { expect, test } from 'vitest'
import { extractActionsAndObjects } from './actions-and-objects.ts'

test.each([
  ['pick up the red cup', ['pick up'], ['cup']],
  ['Put the cup left of the plate.', ['put'], ['cup', 'plate']],
  ['move the two small boxes to the right of the bin', ['move'], ['box', 'bin']],
  ['Turn left at the door', ['turn'], ['door']],
  ['lift the left arm', ['lift'], ['arm']],
  ["don't touch the stove", ['touch'], ['stove']],
  ['The robot arm is picking up three apples.', ['pick up'], ['robot arm', 'apple']],
  ['Robots were moving boxes', ['move'], ['robot', 'box']],
  ['two dogs playing in the park', ['play'], ['dog', 'park']],
  ['the coffee cup that is on the table', [], ['coffee cup', 'table']],
  ['stack the blocks on the shelf, then go home', ['stack', 'go'], ['block', 'shelf', 'home']],
  ['throw it into the trash can', ['throw'], ['trash can']],
  ['push the cup to the cup', ['push'], ['cup']],
  ['', [], []],
  ['🤖 !?', [], []],
])('%s', async (text, actions, objects) => {
  expect(await extractActionsAndObjects(text)).toEqual({ actions, objects })
})

import { expect, test } from 'vitest'
import { cutCaptions } from './cut-captions.ts'

test('captions that were cut are told with their number, the length and the way out', () => {
  expect(cutCaptions({ read: 4000, cut: 37 }, 24)).toEqual([
    '37 of 4,000 captions are longer than 24 tokens and were cut: train with a larger text.length ' +
      '(model.text_config.max_position_embeddings)',
  ])
  expect(cutCaptions({ read: 4000, cut: 0 }, 24)).toEqual([])
})

test('captions that were cut for a further tokenizer are told with its name', () => {
  const cutFor = { 'teacher.inputIds': 1200, 'other.inputIds': 0 }
  expect(cutCaptions({ read: 4000, cut: 0, cutFor }, 24)).toEqual([
    '1,200 of 4,000 captions are too long for teacher.inputIds and were cut for it',
  ])
  expect(cutCaptions({ read: 4000, cut: 1, cutFor }, 24)).toHaveLength(2)
})

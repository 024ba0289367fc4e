import { expect, it } from 'vitest'
import type { Sample, Source } from '../../data/index.ts'
import { parseRecipe, recipes } from '../index.ts'
import { trainTokenizer } from './vocabulary.ts'

const commands: Source = {
  name: 'commands',
  async *samples() {
    yield {
      id: '1',
      image: { file: 'none.png' },
      captions: ['pick up the red cup'],
      origin: { file: 'none' },
    } satisfies Sample
  },
}

it('keeps words whole that only the corpus has', async () => {
  const recipe = recipes['tabletop-multitask']!()
  const lengthOf = async (corpus: object[]) => {
    const config = parseRecipe({ ...recipe, texts: { vocabularySize: 3000, corpus } })
    return (await trainTokenizer(commands, config)).encode('hand over', 24).attentionMask.indexOf(0)
  }
  // Start, h a n d, o v e r, end; and start, hand, over, end.
  expect(await lengthOf([])).toBe(10)
  expect(await lengthOf([{ kind: 'emoji', split: 'train' }])).toBe(4)
})

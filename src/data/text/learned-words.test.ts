import { describe, expect, it } from 'vitest'
import { textTransforms, wordsOfTransforms } from './augment.ts'
import { LearnedWordsCounter, learnedWords, textKnowledge, withLearnedWords } from './learned-words.ts'

function configOf(texts: readonly string[], transforms: readonly { readonly kind: string }[] = []) {
  const counter = new LearnedWordsCounter()
  counter.add(texts)
  counter.addFurther((isKnown) => wordsOfTransforms(textTransforms(transforms), isKnown))
  return withLearnedWords({ model_max_length: 16 }, counter.learned)
}

const commands = configOf(['Pick up the RED cup', 'put the cup behind the car!', 'a cup'])

describe('the words of training texts', () => {
  it('stand in the config of the tokenizer, in small letters and sorted', () => {
    expect(commands).toEqual({
      model_max_length: 16,
      visuomotor: { learned_words: 'a behind car cup pick put red the up', commands: true },
    })
    expect(learnedWords(commands)?.words).toHaveLength(9)
    expect(withLearnedWords(commands, undefined)).toEqual({ model_max_length: 16 })
  })

  it('tell which words of a text were never learned, each once', () => {
    const { unlearned } = textKnowledge(commands)('Pick up the BANANA, the other banana')
    expect(unlearned).toEqual(['banana', 'other'])
    expect(textKnowledge(commands)('put the red car up').unlearned).toEqual([])
  })

  it('are not told of texts whose words have no spaces between them, nor without a record', () => {
    expect(textKnowledge(commands)('把红杯拿起来').unlearned).toEqual([])
    expect(textKnowledge({})('banana')).toEqual({ words: ['banana'], unlearned: [], lacksVerb: false })
  })

  it('tell a text without a verb where commands were learned', () => {
    expect(textKnowledge(commands)('the red cup').lacksVerb).toBe(true)
    expect(textKnowledge(commands)('please put the cup up').lacksVerb).toBe(false)
    expect(textKnowledge(commands)('the red cup is to be lifted').lacksVerb).toBe(false)
    expect(textKnowledge(commands)('the red cup goes left of the car').lacksVerb).toBe(false)
    expect(textKnowledge(configOf(['a red cup', 'a blue car']))('the red cup').lacksVerb).toBe(false)
  })

  it('are joined by those of synonyms of known words and of templates', () => {
    const { words } = learnedWords(
      configOf(['grasp the cup'], [{ kind: 'synonyms' }, { kind: 'paraphrase' }]),
    )!
    expect(words).toEqual(expect.arrayContaining(['grab', 'mug', 'please', 'picture']))
    expect(words).not.toContain('automobile')
  })

  it('are not listed where they are too many', () => {
    const counter = new LearnedWordsCounter()
    counter.add(Array.from({ length: 20_001 }, (_, i) => `word${i}`))
    expect(counter.learned).toBeUndefined()
  })
})

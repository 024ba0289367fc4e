import type { Action } from './command.ts'

/** Ways to say a command: those for training, and those kept for tests, which no training text may use. */
export interface Phrasings {
  readonly trained: readonly string[]
  readonly heldOut: readonly string[]
}

/**
 * The grammar's sentences. `{thing}` is the thing that is meant, "the red cup"; `{place}` where to put it, "left of
 * the box". None that is held out is one for training in a frame of the text augmentation `paraphrase`. Both name the
 * thing first or last, the place before or behind it: order is to be learned, sentences are to be new.
 */
export const phrasings: Readonly<Record<Action, Phrasings>> = {
  pick: {
    trained: [
      'pick up {thing}',
      'grab {thing}',
      'take {thing}',
      'grasp {thing}',
      'lift {thing}',
      'pick {thing} up',
      'please take {thing} from the table',
      '{thing} is to be lifted',
    ],
    heldOut: [
      'get hold of {thing}',
      'reach out and take {thing}',
      '{thing} is what you should pick up',
      'close your hand around {thing}',
    ],
  },
  put: {
    trained: [
      'put {thing} {place}',
      'place {thing} {place}',
      'move {thing} {place}',
      'set {thing} down {place}',
      'please put {thing} {place}',
      '{place} put {thing}',
      '{thing} goes {place}',
    ],
    heldOut: [
      'take {thing} and leave it {place}',
      'bring {thing} over and set it {place}',
      '{place} is where {thing} should stand',
    ],
  },
  point: {
    trained: [
      'point at {thing}',
      'point to {thing}',
      'show me {thing}',
      'touch {thing}',
      'please point at {thing}',
      '{thing} is to be shown',
    ],
    heldOut: ['point out {thing}', 'aim your hand at {thing}', 'let me see where {thing} is'],
  },
  go: {
    trained: [
      'go to {thing}',
      'walk to {thing}',
      'move to {thing}',
      'drive to {thing}',
      'walk over to {thing}',
      'please go to {thing}',
      '{thing} is your goal',
    ],
    heldOut: [
      'head for {thing}',
      'make your way to {thing}',
      'drive up to {thing}',
      '{thing} is where you should go',
    ],
  },
}

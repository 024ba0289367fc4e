import type { Action } from './command.ts'

/** Phrasings of a command: those for training, and those held out for tests and absent from all training text. */
export interface Phrasings {
  readonly trained: readonly string[]
  readonly heldOut: readonly string[]
}

/**
 * Sentences of the grammar. `{thing}` is the object's reference, "the red cup"; `{place}` is the place to put it, "left
 * of the box". No held-out sentence is a training sentence in a frame of the text augmentation `paraphrase`. Both sets
 * name the object first or last, the place before or behind it, so that word order is learned and only sentences are
 * new. `{direction}` is that of a push, "to the left".
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
  push: {
    trained: [
      'push {thing} {direction}',
      'slide {thing} {direction}',
      'shove {thing} {direction}',
      'please push {thing} {direction}',
    ],
    heldOut: ['give {thing} a push {direction}', 'nudge {thing} {direction}'],
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

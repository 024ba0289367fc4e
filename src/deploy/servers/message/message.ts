import type { NumpyArray } from './numpy-array.ts'

/** Value of a message: what msgpack has, and NumPy's arrays. Keys of maps are texts. */
export type Message =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NumpyArray
  | readonly Message[]
  | MessageMap

/** Map of a message: an observation, or an answer. */
export interface MessageMap {
  readonly [key: string]: Message
}

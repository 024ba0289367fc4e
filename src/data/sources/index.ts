export { type EmojiOptions, emoji } from './emoji/source.ts'
export type { EmojiSplit } from './emoji/split.ts'
export type { EmojiStyle } from './emoji/styles.ts'

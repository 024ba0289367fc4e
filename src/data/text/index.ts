export type { TokenizerFiles } from './clip-scheme.ts'
export * from './tokenizer.ts'
export * from './train-bpe.ts'

export * from './renderer/index.ts'

export * from './cross-modal-retrieval.ts'
export * from './nearest.ts'
export * from './retrieval.ts'

export { type ExampleOptions, retrievalExamples, type Thumbnail } from './retrieval-examples.ts'

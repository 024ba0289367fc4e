export { evaluatePolicy } from './evaluate-policy.ts'
export { type ExampleOptions, retrievalExamples, type Thumbnail } from './retrieval-examples.ts'
export { withShuffledCommands } from './shuffled-commands.ts'

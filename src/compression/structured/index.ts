export { type StructuredOptions, structured, structuredStep } from './structured.ts'

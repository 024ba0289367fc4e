export { type StructuredOptions, structured } from './structured.ts'

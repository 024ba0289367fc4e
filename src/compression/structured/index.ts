export { structured, type StructuredOptions } from './structured.ts'

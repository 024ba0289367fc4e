export { type Parts as SupernetParts, partsSchema as supernetPartsSchema } from './parts.ts'
export { Supernet, type SupernetOptions } from './supernet.ts'

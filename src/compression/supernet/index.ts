export {
  largestOf,
  type Parts as SupernetParts,
  partsSchema as supernetPartsSchema,
  supernetSpace,
} from './parts.ts'
export { Supernet, type SupernetOptions } from './supernet.ts'

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** SHA-256 of a file, in hexadecimal. */
export const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

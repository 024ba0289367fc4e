import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundle } from '../deploy/index.ts'

/** Count of a model's numbers. */
export interface Numbers {
  readonly parameters: number
  /** Numbers of matrices that are zero. */
  readonly zeros: number
}

/** Bytes of every file of a folder, by its path. */
export function fileSizes(folder: string): Record<string, number> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(
    files.map((name) => [name.replaceAll('\\', '/'), statSync(join(folder, name)).size]),
  )
}

/** Sum of the sizes of a folder's files. */
export const totalBytes = (files: Readonly<Record<string, number>>): number =>
  Object.values(files).reduce((sum, bytes) => sum + bytes, 0)

/** Count of a model's numbers, and of the zeros in its matrices. */
export function numbersOf({ weights }: Pick<Bundle, 'weights'>): Numbers {
  let [parameters, zeros] = [0, 0]
  for (const { shape, data } of weights.values()) {
    parameters += data.length
    if (shape.length >= 2) zeros += zerosIn(data)
  }
  return { parameters, zeros }
}

/** Count of the elements that are zero. */
export function zerosIn(data: Float32Array): number {
  let count = 0
  for (let i = 0; i < data.length; i++) if (data[i] === 0) count++
  return count
}

import { type Batch, DataError, type HostArray } from '../core/index.ts'
import type { Program } from '../engine/index.ts'

/**
 * Arrays of a batch under the names of a graph's inputs: `pixel_values` is `pixelValues`.
 * @param given Inputs that are fed otherwise.
 * @throws DataError `compression/calibration-data` for a batch that the graph cannot read.
 */
export function feedsOf(
  program: Pick<Program, 'inputs'>,
  { arrays }: Batch,
  given: Readonly<Record<string, HostArray>> = {},
): Record<string, HostArray> {
  const feeds: Record<string, HostArray> = {}
  for (const { name, shape, dtype } of program.inputs) {
    if (Object.hasOwn(given, name)) continue
    const array = arrays[name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())]
    const fits =
      array?.dtype === dtype &&
      array.shape.length === shape.length &&
      shape.every((size, axis) => size === undefined || size === array.shape[axis])
    if (!fits) throw misfit(name, shape, array)
    feeds[name] = array
  }
  return feeds
}

function misfit(
  name: string,
  shape: readonly (number | undefined)[],
  array: HostArray | undefined,
): DataError {
  const wanted = `[${shape.map((size) => size ?? 'any').join(', ')}]`
  const found = array ? `are ${array.dtype} [${array.shape}]` : 'have no such array'
  return new DataError(
    'compression/calibration-data',
    `the samples to calibrate with do not fit the model: it reads ${name} ${wanted}, but they ${found}. Name other data ` +
      '(calibration.data)',
    { input: name, shape, found: array?.shape },
  )
}

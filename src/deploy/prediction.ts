import { type HeadConfig, type HeadValues, headLabels } from '../models/index.ts'

/**
 * Values by the name of their label: for the usual heads `box` [left, top, right, bottom] as fractions, `category`
 * probabilities, `grasp` [x, y, z, rx, ry, rz] and `navigation` [x, y, z] in metres and radians in the robot's frame,
 * `joints` in radians. Labels without a head of the policy are missing.
 */
export type Prediction = Readonly<Record<string, readonly number[]>>

/** A class and how probable it is. */
export interface NamedClass {
  /** Name of the class; its number where the policy knows no names. */
  readonly name: string
  readonly probability: number
}

/**
 * The prediction of one row of a batch.
 * @param values Outputs of every head, row after row. @param count Number of rows.
 */
export function predictionOf(
  heads: readonly (readonly [name: string, head: HeadConfig])[],
  values: Readonly<Record<string, HeadValues>>,
  row: number,
  count: number,
): Prediction {
  const found = heads.flatMap(([name, head]) =>
    Object.entries(labelsByOutput(head)).map(([output, label]) => {
      const all = values[name]![output]!
      const width = all.length / count
      const numbers = Array.from(all.subarray(row * width, (row + 1) * width))
      return [label, output === 'category' ? softmax(numbers) : numbers] as const
    }),
  )
  return Object.fromEntries(found)
}

/** Label of each output of a head. */
export const labelsByOutput = (head: HeadConfig): Readonly<Record<string, string>> =>
  Object.fromEntries(headLabels(head).map(({ output, label }) => [output, label]))

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

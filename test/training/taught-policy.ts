import { float32 } from '../../src/core/index.ts'
import type { PolicyPrograms } from '../../src/models/index.ts'
import {
  type AddedLosses,
  type OutputsOf,
  policyArray,
  policyDistillation,
} from '../../src/training/index.ts'
import { type smallPolicy, usualOptions } from './synthetic-policy.ts'

/** The losses of a policy that learns outputs and attention of one teacher. */
export const addedToPolicy = (model: ReturnType<typeof smallPolicy>, alpha = 0.7): AddedLosses => ({
  ownWeight: 1 - alpha,
  terms: policyDistillation(
    model,
    ['teacher1'],
    [
      { kind: 'outputs', weight: alpha, temperature: 4 },
      { kind: 'attention', weight: alpha },
    ],
    { heads: model.config.heads, box: usualOptions.box },
  ),
})

/** The outputs of a policy as arrays of a teacher. */
export const outputsOf =
  (programs: PolicyPrograms): OutputsOf =>
  async ({ ids, arrays }) => {
    const { heads, attention } = await programs.run(arrays.pixelValues!, arrays.inputIds!)
    const rows = (values: Float32Array) =>
      float32([ids.length, values.length / ids.length], new Float32Array(values))
    const named = Object.entries(heads).flatMap(([head, values]) =>
      Object.entries(values).map(([output, all]) => [`${head}.${output}`, all] as const),
    )
    return Object.fromEntries(
      [['attention', attention] as const, ...named].map(([name, all]) => [
        policyArray('teacher1', name),
        rows(all),
      ]),
    )
  }

import { z } from 'zod'
import type { LabelKinds } from '../label-rows.ts'

const count = z.int().positive()

const labelKind = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('class'), classes: count }),
  z.strictObject({ kind: z.literal(['box', 'point', 'position', 'pose']) }),
  z.strictObject({ kind: z.literal(['joints', 'number']), length: count }),
])

/** Schema of the kinds of labels of a source, by name: see `LabelKind`. */
export const labelKindsSpec = z.record(z.string(), labelKind) satisfies z.ZodType<LabelKinds>

import { z } from 'zod'
import { jointList } from '../joint-list.ts'
import type { LabelKinds } from '../label-rows.ts'

const count = z.int().positive()

const labelKind = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('class'), classes: count }),
  z.strictObject({ kind: z.literal(['box', 'point', 'position', 'pose']) }),
  z.strictObject({ kind: z.literal('joints'), length: count, joints: jointList.optional() }),
  z.strictObject({ kind: z.literal('number'), length: count }),
])

/** Schema of the kinds of labels of a source, by name: see `LabelKind`. */
export const labelKindsSpec = z.record(z.string(), labelKind) satisfies z.ZodType<LabelKinds>

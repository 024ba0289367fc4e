import { z } from 'zod'
import type { Joint } from './sample.ts'

const joint = z.strictObject({
  name: z.string().min(1),
  limits: z
    .tuple([z.number(), z.number()])
    .refine(([lowest, highest]) => lowest < highest, 'the lowest position must be below the highest')
    .readonly()
    .optional(),
})

/** Schema of a robot's joints, in the order of their values. */
export const jointList = z
  .array(joint)
  .min(1)
  .refine(
    (joints) => new Set(joints.map(({ name }) => name)).size === joints.length,
    'each joint has one name of its own',
  )
  .readonly() satisfies z.ZodType<readonly Joint[]>

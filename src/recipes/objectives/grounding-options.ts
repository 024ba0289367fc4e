import { z } from 'zod'

const name = z.string().min(1)

/** Names of the boxes that the first glance is trained to lie on, or each glance in turn; factor of this loss. */
export const groundingOptions = z.strictObject({
  label: z.union([name, z.array(name).nonempty()]),
  weight: z.number().positive().default(1),
})

import { z } from 'zod'
import { softCrossEntropies } from '../../../losses/index.ts'
import { classAccuracy } from './class-accuracy.ts'
import type { HeadKind } from './head-kind.ts'
import { classNames, label, layers, namesAllClasses, oneNameEach } from './keys.ts'

const schema = z
  .strictObject({
    kind: z.literal('classification'),
    label,
    classes: z.int().positive(),
    classNames,
    ...layers,
  })
  .refine(namesAllClasses, oneNameEach)

/** One of several classes, as logits; its error is the cross entropy. */
export const classification: HeadKind<typeof schema, 'category'> = {
  schema,
  labels: { category: { key: 'label', kind: 'class' } },
  outputs: ({ classes }) => classes,
  forward: (raw) => ({ category: raw }),
  unit: {},
  errors: (outputs, labels) => ({ category: softCrossEntropies(outputs.category, labels.category) }),
  metrics({ category }, { classes }) {
    const accuracy = classAccuracy(category, classes)
    return { success: accuracy, accuracy }
  },
  directions: () => ({ success: 'max', accuracy: 'max' }),
}

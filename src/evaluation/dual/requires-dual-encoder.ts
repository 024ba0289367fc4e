import type { SourceSpec } from '../../data/index.ts'
import type { Subject } from '../suite/subject.ts'

/** Reason why a model without a space that images and texts share cannot be judged; undefined for one that has it. */
export const requiresDualEncoder = ({ dualEncoder, directory }: Subject): string | undefined =>
  dualEncoder
    ? undefined
    : `${directory} has no space that images and texts share; it needs a dual encoder, such as a CLIP or SigLIP model`

/**
 * Reason why a model cannot be judged by what is learned from its features: it has none, or the training or validation data are
 * those that it is judged on, which would be right by heart.
 */
export const requiresOtherData = (
  subject: Subject,
  { train, validation }: { readonly train: SourceSpec; readonly validation?: SourceSpec },
): string | undefined => {
  const reason = requiresDualEncoder(subject)
  if (reason !== undefined) return reason
  const isSame = (spec: SourceSpec | undefined) => JSON.stringify(spec) === JSON.stringify(subject.spec)
  const same = isSame(train) ? 'training' : isSame(validation) ? 'validation' : undefined
  return same && `its ${same} data are the data that it is judged on; take others, or a split of them`
}

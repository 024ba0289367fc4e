import type { Subject } from '../suite/subject.ts'

/** Reason why a model without a space that images and texts share cannot be judged; undefined for one that has it. */
export const requiresDualEncoder = ({ dualEncoder, directory }: Subject): string | undefined =>
  dualEncoder
    ? undefined
    : `${directory} has no space that images and texts share; it needs a dual encoder, such as a CLIP or SigLIP model`

import { behaviorCloningObjective } from './behavior-cloning.ts'
import { captioningObjective } from './captioning.ts'
import { contrastiveObjective } from './contrastive.ts'
import { imitationObjective } from './imitation.ts'
import { maskedObjective } from './masked.ts'
import type { Objectives } from './objective.ts'
import { sumOf, type TermRow } from './sum.ts'

/** Objectives of which a sum may be made. */
const terms = {
  contrastive: contrastiveObjective,
  masked: maskedObjective,
  captioning: captioningObjective,
} satisfies Objectives as unknown as Record<'contrastive' | 'masked' | 'captioning', TermRow>

/** The objectives of the library, one row each. */
export const objectives = {
  ...terms,
  imitation: imitationObjective,
  behaviorCloning: behaviorCloningObjective,
  sum: sumOf(terms),
}

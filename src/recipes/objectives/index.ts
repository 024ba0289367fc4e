import { contrastiveObjective } from './contrastive.ts'
import { imitationObjective } from './imitation.ts'

/** The objectives of the library, one row each. */
export const objectives = { contrastive: contrastiveObjective, imitation: imitationObjective }

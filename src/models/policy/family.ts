import type { Family } from '../family.ts'
import {
  describedTowers,
  endTokenMisfit,
  imageSizeMisfit,
  pairedInputs,
  vocabularyMisfit,
  withVocabulary,
} from '../towers/paired-towers.ts'
import { actionsOf } from './actions.ts'
import { withClassNames } from './class-names.ts'
import { type PolicyConfig, policyConfig } from './config.ts'
import { withJoints } from './joint-names.ts'
import { withLabelUnits } from './label-units.ts'
import { policyGraph } from './policy-graph.ts'
import { PolicyModel } from './policy-model.ts'
import { type PolicyBase, policyOnBase } from './policy-on-base.ts'

/** The row of policies: CLIP's towers, a fusion, and heads. */
export const policyFamily: Family<PolicyConfig, PolicyModel> = {
  schema: policyConfig,
  architecture: 'VisuomotorPolicy',
  towers: {
    name: 'clip',
    refusal:
      "the towers of a policy are CLIP's, with a class token and words that see only those before; begin with a clip model or a policy",
    take: (config, base) => policyOnBase(config, base as PolicyBase),
  },
  objective: 'imitation',
  build: (config) => new PolicyModel(config),
  inputs: pairedInputs,
  withVocabulary,
  complete: (config, source, options) =>
    withLabelUnits(withJoints(withClassNames(config, source), source), source, options),
  misfit: (parts) => vocabularyMisfit(parts) ?? endTokenMisfit(parts) ?? imageSizeMisfit(parts),
  configFile: (config) => ({
    ...config,
    ...describedTowers(config, 'clip'),
    actions: actionsOf(config),
  }),
  graphs: policyGraph,
}

import { type EndTokens, type ExportedGraphs, type Families, familyOf, type Model } from '../models/index.ts'

/** The graphs of a model's files by their names. */
export const exportedGraphs = (model: Model, tokens: EndTokens, families?: Families): ExportedGraphs =>
  familyOf(model.config.model_type, families).graphs(model, tokens)

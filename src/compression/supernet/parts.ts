import { z } from 'zod'

/** Kinds of what a sub-network may have less of. */
export const elasticKinds = ['hidden', 'heads', 'layers'] as const

export type ElasticKind = (typeof elasticKinds)[number]

const shares = z
  .array(z.number().gt(0, 'above 0').lte(1, 'at most 1'))
  .min(2, 'two shares at least, one of them 1')
  .refine((list) => list.includes(1), 'the largest network is one of them: name the share 1')
  .refine((list) => new Set(list).size === list.length, 'each share once')

/** What may be smaller in some part of a model, and by how much: shares of its units that a sub-network has. */
export const partSchema = z
  .strictObject({
    hidden: shares.optional(),
    heads: shares.optional(),
    layers: shares.optional(),
  })
  .refine((part) => Object.values(part).some(Boolean), 'name hidden, heads or layers')

/** The parts of a supernet that have sub-networks of several sizes, by the pattern of their paths. */
export const partsSchema = z
  .record(z.string(), partSchema)
  .refine((parts) => Object.keys(parts).length > 0, 'name a part, such as "vision_model.*"')

/** Parts by pattern; see {@link partsSchema}. */
export type Parts = z.output<typeof partsSchema>

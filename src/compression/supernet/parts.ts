import { z } from 'zod'
import { choice, type Space, type Values } from '../search/index.ts'

/** Kinds of what a sub-network may have less of. */
export const elasticKinds = ['hidden', 'heads', 'layers'] as const

export type ElasticKind = (typeof elasticKinds)[number]

const shares = z
  .array(z.number().gt(0, 'above 0').lte(1, 'at most 1'))
  .min(2, 'two shares at least, one of them 1')
  .refine((list) => list.includes(1), 'the largest network is one of them: name the share 1')
  .refine((list) => new Set(list).size === list.length, 'each share once')

/** Part of a model that may be smaller, and by how much: shares of its units that a sub-network has. */
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

/** A kind of units of the places that a pattern matches. */
export interface ElasticPart {
  readonly pattern: string
  readonly kind: ElasticKind
  readonly shares: readonly number[]
  /** Path of its value in a space: `<pattern>/<kind>`. */
  readonly path: string
}

/** The kinds of all parts, in their order. */
export const elasticParts = (parts: Parts): ElasticPart[] =>
  Object.entries(parts).flatMap(([pattern, part]) =>
    elasticKinds.flatMap((kind) => {
      const shares = part[kind]
      return shares ? [{ pattern, kind, shares, path: `${pattern}/${kind}` }] : []
    }),
  )

/** All sub-networks, as a space of choices. */
export const supernetSpace = (parts: Parts): Space =>
  Object.fromEntries(elasticParts(parts).map(({ path, shares }) => [path, choice(shares)]))

/** The values of the largest network. */
export const largestOf = (parts: Parts): Values =>
  Object.fromEntries(elasticParts(parts).map(({ path }) => [path, 1]))

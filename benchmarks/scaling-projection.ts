/** What was measured of one member's step. */
export interface MemberCosts {
  /** Milliseconds of a step of its own batch, without communication. */
  readonly compute: number
  /** Bytes of gradients. */
  readonly gradients: number
  /** Bytes of features and what else of its batch is gathered. */
  readonly features: number
}

/** What a step would take among many members, in milliseconds; see docs/mpi.md for the formula and what it leaves out. */
export interface Projection {
  readonly members: number
  readonly gigabits: number
  readonly sum: number
  readonly gather: number
  readonly step: number
  /** Share of the step in which members compute. */
  readonly efficiency: number
}

/** Latency of a message over Ethernet in milliseconds: assumed, not measured. */
const latency = 0.03
/** Times that members meet in a contrastive step. */
const meetings = 7
/** Bytes that are summed by one call. */
const bucket = 2 ** 24

/** The step of so many members on such a network, each with the batch that was measured. */
export function project(
  { compute, gradients, features }: MemberCosts,
  members: number,
  gigabits: number,
): Projection {
  const bytesPerMillisecond = (gigabits * 1e9) / 8 / 1000
  const rounds = Math.log2(members)
  const sum =
    (2 * (members - 1) * gradients) / members / bytesPerMillisecond +
    2 * rounds * Math.ceil(gradients / bucket) * latency
  const gather = ((members - 1) * features) / bytesPerMillisecond + rounds * latency
  const step = compute + sum + gather + meetings * rounds * latency
  return { members, gigabits, sum, gather, step, efficiency: compute / step }
}

/** The projections of docs/mpi.md: 8, 64 and 512 members on 10 and 100 Gbit/s. */
export const projections = (costs: MemberCosts): Projection[] =>
  [8, 64, 512].flatMap((members) => [10, 100].map((gigabits) => project(costs, members, gigabits)))

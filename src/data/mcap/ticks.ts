import type { Bag, BagMessage } from './bag.ts'
import { gapError, messageError, spokenTime } from './mcap-error.ts'
import { MessageDecoder } from './message-decoder.ts'
import { type TopicMap, usualGap } from './topic-map.ts'

/** The latest message of every topic at a tick. */
export interface Tick {
  /** Number of the episode in the bag. */
  readonly episode: number
  readonly time: bigint
  readonly latest: ReadonlyMap<string, BagMessage>
}

interface Span {
  readonly from: bigint
  readonly to: bigint
}

const nanoseconds = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9))

/**
 * Ticks of the episodes of a bag, `fps` a second from the moment on at which every topic has had a message: at each the
 * latest message of each topic at or before it.
 * @param onNote Receiver of a note about what is left out at a beginning.
 * @throws DataError `data/mcap-topic` for a topic without messages, `data/mcap-gap` for one that falls silent.
 */
export async function* ticksOf(
  bag: Bag,
  map: TopicMap,
  onNote: (text: string) => void,
): AsyncGenerator<Tick> {
  const allowed = gapsOf(map)
  const task = 'topic' in map.task ? [map.task.topic] : []
  const topics = [...new Set([...allowed.keys(), ...task])]
  const ranges = new Map<string, Span>()
  for (const topic of topics) {
    const { first, last } = await bag.range(topic)
    ranges.set(topic, { from: first, to: last })
  }
  const spans =
    map.recording === undefined ? [wholeOf(ranges, allowed)] : await recordedSpans(bag, map.recording)
  const begins = [...ranges.values()].reduce((latest, { from }) => (from > latest ? from : latest), 0n)
  const late = topics.find((topic) => ranges.get(topic)!.from === begins)
  const latest = new Map<string, BagMessage>()
  const messages = bag.messages(topics)
  let next: BagMessage | undefined
  const advance = async (time: bigint) => {
    for (;;) {
      next ??= (await messages.next()).value || undefined
      if (next === undefined || next.time > time) return
      latest.set(next.topic, next)
      next = undefined
    }
  }
  try {
    for (const [episode, { from, to }] of spans.entries()) {
      const begin = from < begins ? begins : from
      if (begin > from)
        onNote(
          `${bag.path}, episode ${episode}: the first ${spokenTime(begin - from)} are left out, since topic ${late} has no message before`,
        )
      for (let frame = 0; ; frame++) {
        const time = begin + nanoseconds(frame / map.fps)
        if (time > to) break
        await advance(time)
        requireFresh(latest, allowed, time)
        yield { episode, time, latest }
      }
    }
  } finally {
    await messages.return(undefined)
  }
}

/** Allowed silence of the features' topics; of a topic of several features the least. */
function gapsOf({ features, maximumGap = usualGap }: TopicMap): ReadonlyMap<string, bigint> {
  const gaps = new Map<string, bigint>()
  for (const { topic, maximumGap: own = maximumGap } of Object.values(features)) {
    const gap = nanoseconds(own)
    const before = gaps.get(topic)
    gaps.set(topic, before === undefined || gap < before ? gap : before)
  }
  return gaps
}

/** A whole bag: to the last moment at which every topic still speaks. */
function wholeOf(ranges: ReadonlyMap<string, Span>, allowed: ReadonlyMap<string, bigint>): Span {
  const spans = [...allowed.keys()].map((topic) => ranges.get(topic)!)
  const from = spans.reduce((least, span) => (span.from < least ? span.from : least), spans[0]!.from)
  const latest = spans.reduce((most, span) => (span.to > most ? span.to : most), 0n)
  // one that ends early is met as a gap at the ticks behind
  const isEarly = [...allowed].some(([topic, gap]) => latest - ranges.get(topic)!.to > gap)
  const to = isEarly ? latest : spans.reduce((least, span) => (span.to < least ? span.to : least), latest)
  return { from, to }
}

/** Spans between messages `true` and `false` of a topic of `std_msgs/Bool`. */
async function recordedSpans(bag: Bag, topic: string): Promise<Span[]> {
  await bag.range(topic)
  const decoder = new MessageDecoder()
  const spans: Span[] = []
  let begin: BagMessage | undefined
  for await (const message of bag.messages([topic])) {
    const { data } = await decoder.decode(message)
    if (typeof data !== 'boolean') throw messageError(message, 'a topic of recordings holds std_msgs/Bool')
    if (data) begin ??= message
    else if (begin !== undefined) {
      spans.push({ from: begin.time, to: message.time })
      begin = undefined
    }
  }
  if (begin !== undefined)
    throw messageError(begin, 'the episode that begins here has no end: a false is missing')
  return spans
}

function requireFresh(
  latest: ReadonlyMap<string, BagMessage>,
  allowed: ReadonlyMap<string, bigint>,
  time: bigint,
): void {
  for (const [topic, gap] of allowed) {
    const message = latest.get(topic)!
    if (time - message.time <= gap) continue
    throw gapError(
      message,
      `it is silent for ${spokenTime(time - message.time)} and longer, but ${spokenTime(gap)} are allowed`,
    )
  }
}

/** Two neighbouring tokens, with their frequency and the words that hold them. */
export interface Pair {
  readonly left: number
  readonly right: number
  frequency: number
  /** Indices of words; a listed word may have lost the pair since. */
  readonly words: Set<number>
  /** Highest frequency under which the pair waits in the queue. */
  queued: number
}

interface Entry {
  readonly pair: Pair
  readonly frequency: number
}

/**
 * All pairs of neighbours in a list of words, most frequent first; ties by left token, then right token.
 *
 * Counts are incremental: a changed word is removed and added again. The queue is a binary heap that is corrected
 * lazily: an entry whose pair has become rarer goes back under its present frequency when it reaches the top.
 */
export class PairQueue {
  readonly #tokens: readonly string[]
  readonly #minimumFrequency: number
  readonly #pairs = new Map<number, Map<number, Pair>>()
  readonly #changed = new Set<Pair>()
  readonly #heap: Entry[] = []

  /** Make an empty queue. `tokens` are the texts of the ids; the list may grow. */
  constructor(tokens: readonly string[], minimumFrequency: number) {
    this.#tokens = tokens
    this.#minimumFrequency = minimumFrequency
  }

  /** Count the pairs of a word `frequency` times; a negative frequency removes the word. */
  add(symbols: readonly number[], frequency: number, word: number): void {
    for (let i = 1; i < symbols.length; i++) {
      const pair = this.#pair(symbols[i - 1]!, symbols[i]!)
      pair.frequency += frequency
      if (frequency > 0) {
        pair.words.add(word)
        this.#changed.add(pair)
      }
    }
  }

  /** Most frequent pair; undefined when none is left that reaches the minimum frequency. */
  next(): Pair | undefined {
    for (const pair of this.#changed) this.#enqueue(pair)
    this.#changed.clear()
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      const { pair, frequency } = entry
      if (pair.frequency === frequency) return pair
      pair.queued = 0
      this.#enqueue(pair)
    }
    return undefined
  }

  #pair(left: number, right: number): Pair {
    let row = this.#pairs.get(left)
    if (row === undefined) {
      row = new Map()
      this.#pairs.set(left, row)
    }
    let pair = row.get(right)
    if (pair === undefined) {
      pair = { left, right, frequency: 0, words: new Set(), queued: 0 }
      row.set(right, pair)
    }
    return pair
  }

  #enqueue(pair: Pair): void {
    if (pair.frequency < this.#minimumFrequency || pair.frequency <= pair.queued) return
    pair.queued = pair.frequency
    const heap = this.#heap
    let hole = heap.push({ pair, frequency: pair.frequency }) - 1
    const entry = heap[hole]!
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      if (!this.#precedes(entry, heap[parent]!)) break
      heap[hole] = heap[parent]!
      hole = parent
    }
    heap[hole] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (heap.length === 0 || last === undefined) return top
    let hole = 0
    for (let child = 1; child < heap.length; child = 2 * hole + 1) {
      if (child + 1 < heap.length && this.#precedes(heap[child + 1]!, heap[child]!)) child++
      if (!this.#precedes(heap[child]!, last)) break
      heap[hole] = heap[child]!
      hole = child
    }
    heap[hole] = last
    return top
  }

  #precedes(a: Entry, b: Entry): boolean {
    if (a.frequency !== b.frequency) return a.frequency > b.frequency
    const [leftA, leftB] = [this.#tokens[a.pair.left]!, this.#tokens[b.pair.left]!]
    if (leftA !== leftB) return leftA < leftB
    return this.#tokens[a.pair.right]! < this.#tokens[b.pair.right]!
  }
}

import { createHash } from 'node:crypto'
import { DataError } from '../core/index.ts'
import type { Source } from './source.ts'

/** Digests of the ids of a block of a source: the samples that are shuffled together. */
interface BlockRecord {
  /** Place of the block in the source. */
  readonly first: number
  readonly samples: number
  /** Digest of the ids in their order, and one that does not depend on the order. */
  readonly order: string
  readonly ids: string
}

/** Data that a stream has read so far, as checkpoints hold it; most data is one block. */
export interface DataRecord {
  /** Places of the source, where it knows them. */
  readonly size?: number
  readonly blocks: readonly BlockRecord[]
  /** Changes of the data with which the run went on. */
  readonly changes?: readonly string[]
}

/** Watch over the data of a stream: it records what is read, and tells other data than that of a checkpoint. */
export class DataWatch {
  readonly #source: Pick<Source, 'name' | 'size'>
  readonly #allowed: boolean
  readonly #blocks = new Map<number, BlockRecord>()
  /** Blocks of the checkpoint that were not read again. */
  readonly #known: Map<number, BlockRecord>
  readonly #changes: string[]

  /**
   * @param record Record of a checkpoint; default: there is none, and nothing to compare with.
   * @param options `allowed`: changes are kept, not thrown.
   * @throws DataError `data/source-changed` for a source of another size.
   */
  constructor(
    source: Pick<Source, 'name' | 'size'>,
    record: DataRecord | undefined,
    { allowed }: { readonly allowed: boolean },
  ) {
    this.#source = source
    this.#allowed = allowed
    const { size, blocks = [], changes = [] } = record ?? {}
    this.#known = new Map(blocks.map((block) => [block.first, block]))
    this.#changes = [...changes]
    if (size === undefined || source.size === undefined || size === source.size) {
      for (const block of blocks) this.#blocks.set(block.first, block)
    } else {
      this.#known.clear()
      this.#changed(`it had ${size} samples and has ${source.size} now`)
    }
  }

  /** Changes of the data with which the run went on, a sentence each. */
  get changes(): readonly string[] {
    return this.#changes
  }

  /**
   * Record a block, and compare it with the checkpoint when it is read for the first time.
   * @throws DataError `data/source-changed`.
   */
  see(first: number, ids: readonly string[]): void {
    const block = recordOf(first, ids)
    const known = this.#known.get(first)
    this.#known.delete(first)
    if (!known && this.#blocks.has(first)) return
    this.#blocks.set(first, block)
    if (known && known.order !== block.order) this.#changed(differenceOf(known, block))
  }

  /** The record at a place of the stream. */
  recordAt({ epoch, block }: { readonly epoch: number; readonly block: number }): DataRecord {
    const { size } = this.#source
    const blocks = [...this.#blocks.values()].filter(({ first }) => epoch > 0 || first <= block)
    return {
      ...(size !== undefined && { size }),
      blocks: blocks.sort((a, b) => a.first - b.first),
      ...(this.#changes.length > 0 && { changes: [...this.#changes] }),
    }
  }

  #changed(what: string): void {
    const { name } = this.#source
    const change = `${name} is not the data of the checkpoint: ${what}`
    if (this.#allowed) return void this.#changes.push(change)
    throw new DataError(
      'data/source-changed',
      `${change}. Restore the data, begin another run, or go on with the data as it is by --allow-changed-data ` +
        '(resume(…, { allowChangedData: true }))',
      { source: name },
    )
  }
}

function differenceOf(before: BlockRecord, now: BlockRecord): string {
  const part = now.first === 0 ? '' : ` from place ${now.first} on`
  if (before.samples !== now.samples)
    return `it had ${before.samples} samples${part} and has ${now.samples} now`
  if (before.ids === now.ids) return `its ${now.samples} samples${part} are in another order`
  return `of its ${now.samples} samples${part} some have other ids`
}

function recordOf(first: number, ids: readonly string[]): BlockRecord {
  const order = createHash('sha256')
  let sum = 0n
  for (const id of ids) {
    order.update(`${id}\n`)
    sum += createHash('sha256').update(id).digest().readBigUInt64LE()
  }
  const unordered = BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
  return { first, samples: ids.length, order: order.digest('hex'), ids: unordered }
}

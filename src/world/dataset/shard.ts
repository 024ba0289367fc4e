import { buffer } from 'node:stream/consumers'
import { optionalPackage } from '../../core/index.ts'
import { encodePng } from '../renderer/encode-png.ts'
import type { Setting } from '../scene/scene.ts'
import type { SceneMaker } from './scene-maker.ts'
import { addRefusals, noRefusals, type Refusals } from './scene-record.ts'
import type { ShardPlan } from './splits.ts'

/** Summary of a shard: its last entry, `shard.json`. */
export interface ShardSummary {
  readonly scenes: number
  /** Count of commands by setting. */
  readonly samples: Readonly<Record<Setting, number>>
  readonly refusals: Refusals
}

/** Name of the summary's entry. */
export const summaryEntry = 'shard.json'

/**
 * Make the bytes of a shard: a tar with `000123.png` and `000123.json` for each scene, numbered within the split, then
 * `shard.json`. The same plan and maker give the same bytes.
 * @param onScene Callback after each scene.
 */
export async function makeShard(
  maker: SceneMaker,
  { split, first, scenes }: ShardPlan,
  onScene: () => void = () => {},
): Promise<Uint8Array> {
  const { pack } = await optionalPackage('tar-stream', 'making a data set', () => import('tar-stream'))
  const archive = pack()
  const bytes = buffer(archive)
  const samples = { table: 0, floor: 0 }
  let refused = noRefusals
  for (let number = first; number < first + scenes; number++) {
    const { rendering, record, refusals } = maker.make(split, number)
    const name = String(number).padStart(6, '0')
    add(`${name}.png`, await encodePng(rendering))
    add(`${name}.json`, JSON.stringify(record))
    samples[record.setting] += record.commands.length
    refused = addRefusals(refused, refusals)
    onScene()
  }
  const summary: ShardSummary = { scenes, samples, refusals: refused }
  add(summaryEntry, JSON.stringify(summary))
  archive.finalize()
  return bytes

  function add(name: string, content: Uint8Array | string): void {
    archive.entry({ name, mtime: new Date(0), mode: 0o644 }, Buffer.from(content))
  }
}

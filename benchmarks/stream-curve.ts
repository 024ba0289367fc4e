import { readFileSync, writeFileSync } from 'node:fs'
import { linePlot, pngOf } from '../src/report/index.ts'
import type { StreamMeasurements } from './measurements/stream.ts'

/**
 * Draw the memory of streams over their samples, as docs/data-sources.md shows it:
 *
 *     npm run bench -- --only stream --json > result.json
 *     node --import tsx/esm benchmarks/stream-curve.ts result.json docs/images/stream.png
 */
const [result, picture] = process.argv.slice(2)
if (result === undefined || picture === undefined) throw new Error('name the result and the picture')
const { stream } = JSON.parse(readFileSync(result, 'utf8')) as { stream: StreamMeasurements }
const plot = await linePlot({
  title: 'Memory of a process that streams a million samples',
  x: { title: 'samples' },
  y: { title: 'resident set, MB', scale: 'zero' },
  series: Object.entries(stream)
    .filter(([, { curve }]) => curve.at(-1)!.samples >= 1e6)
    .map(([name, { curve }]) => ({
      name,
      points: curve.map(({ samples, residentBytes }) => ({ x: samples, y: residentBytes / 1e6 })),
    })),
})
writeFileSync(picture, await pngOf(plot, 960))

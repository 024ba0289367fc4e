// Ask a server for ten minutes, and print the resident set of its processes: node --import tsx/esm benchmarks/serving-soak.ts [minutes]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '../src/deploy/servers/index.ts'
import { writeServedBundle } from './served-bundle.ts'

const minutes = Number(process.argv[2] ?? 10)
const clients = 8
const directory = mkdtempSync(join(tmpdir(), 'visuomotor-soak-'))

/** Resident bytes of this process and of those that it started (Linux). */
function residentBytes(): { readonly server: number; readonly instances: number } {
  const pages = (pid: string) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096
  const isChild = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${process.pid}\n`)
    } catch {
      return false // it has ended
    }
  }
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isChild(name))
  return { server: pages('self'), instances: children.reduce((sum, pid) => sum + pages(pid), 0) }
}

try {
  const { bundle, pictures } = await writeServedBundle(directory)
  const server = await serve(bundle, { port: 0 })
  const bodies = pictures.map((picture) =>
    JSON.stringify({ images: [{ base64: picture.toString('base64') }] }),
  )
  const headers = { 'content-type': 'application/json' }
  const begin = performance.now()
  const isOver = () => performance.now() - begin > 60_000 * minutes
  let [answered, refused] = [0, 0]
  const ask = async (_: unknown, first: number): Promise<void> => {
    for (let i = first; !isOver(); i++) {
      const body = i % 10 === 9 ? '{"images": [{' : bodies[i % bodies.length]! // a tenth is malformed
      const response = await fetch(`${server.url}/v1/embed`, { method: 'POST', headers, body })
      await response.arrayBuffer()
      if (response.status === 200) answered++
      else refused++
    }
  }
  const print = () =>
    console.log(
      JSON.stringify({
        seconds: Math.round((performance.now() - begin) / 1000),
        answered,
        refused,
        ...residentBytes(),
      }),
    )
  const timer = setInterval(print, 3000 * minutes)
  await Promise.all(Array.from({ length: clients }, ask))
  clearInterval(timer)
  print()
  await server.stop()
} finally {
  rmSync(directory, { recursive: true, force: true })
}

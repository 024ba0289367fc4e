import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const directories = readdirSync(join(root, 'src'), { withFileTypes: true })
const rooms = directories.filter((entry) => entry.isDirectory()).map(({ name }) => name)
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.replaceAll('\\', '/'))
const textOf = (page: string) => readFileSync(join(root, 'docs', page), 'utf8')
const linksOf = (text: string) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)

const architecture = textOf('architecture.md')
const listed = ['Pages', 'Guides'].flatMap((title) =>
  linksOf(new RegExp(`^${title}: .*?\\n\\n`, 'ms').exec(architecture)![0]),
)

describe('docs/architecture.md', () => {
  it.each(rooms)('has the room %s in its table and a page of it in its list', (room) => {
    const row = architecture.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${room}\``))
    expect(row).toBeDefined()
    const ofRoom = listed.filter((page) => page === `${room}.md` || page.startsWith(`${room}-`))
    expect(ofRoom).not.toEqual([])
  })

  it('lists every page that there is, once', () => {
    expect(listed.toSorted()).toEqual(pages.filter((page) => page !== 'architecture.md').toSorted())
  })
})

it.each([...pages.map((page) => join('docs', page)), 'README.md'])(
  '%s links to files that are there',
  (page) => {
    const local = linksOf(readFileSync(join(root, page), 'utf8')).filter(
      (target) => !/^(https?:|#)/.test(target),
    )
    const missing = local.filter((target) => !existsSync(join(root, page, '..', target.replace(/#.*/, ''))))
    expect(missing).toEqual([])
  },
)

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DataError } from '../../core/index.ts'
import { classFolders } from './class-folders.ts'
import { openSource, sourceSpec } from './source-spec.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'classes-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(...names: string[]) {
  for (const name of names) {
    mkdirSync(join(directory, dirname(name)), { recursive: true })
    writeFileSync(join(directory, name), name.includes('empty') ? '' : 'x')
  }
}

async function read(skip = 0) {
  const problems: string[] = []
  const onBad = ({ code, message }: DataError) => void problems.push(`${code} ${message}`)
  const samples = await Readable.from(classFolders(directory).samples({ skip, onBad })).toArray()
  return { samples, problems, ids: samples.map(({ id }) => id) }
}

describe('classFolders', () => {
  it('takes the name of a folder for caption, concept and label of its images', async () => {
    write(
      'dog/more/b.jpg',
      'dog/a.PNG',
      'cat/c.webp',
      'cat/notes.txt',
      '.hidden/x.png',
      'cat/.thumb.png',
      'readme.md',
    )
    const source = classFolders(directory)
    expect(source).toMatchObject({
      size: 3,
      labels: { class: { kind: 'class', classes: 2 } },
      classNames: { class: ['cat', 'dog'] },
    })
    const { samples, problems } = await read()
    expect(problems).toEqual([])
    const sample = (id: string, caption: string, label: number) => {
      const file = join(directory, id)
      return {
        id,
        image: { file },
        captions: [caption],
        concept: caption,
        labels: { class: [label] },
        origin: { file },
      }
    }
    expect(samples).toEqual([
      sample('cat/c.webp', 'cat', 0),
      sample('dog/a.PNG', 'dog', 1),
      sample('dog/more/b.jpg', 'dog', 1),
    ])
    expect(openSource(sourceSpec.parse(source)).name).toBe(source.name)
  })

  it('numbers classes as torchvision, by code points, and takes folders that are links', async () => {
    const names = ['10', '9', 'Zebra', 'ant', 'été', '\uFF21', '😀'] // sorted() in Python
    write(...[...names].reverse().map((name) => `${name}/a.png`))
    mkdirSync(join(directory, '.elsewhere'))
    symlinkSync(join(directory, 'ant'), join(directory, 'link'))
    expect(classFolders(directory).classNames?.class).toEqual([
      ...names.slice(0, 4),
      'link',
      ...names.slice(4),
    ])
    expect((await read()).ids).toContain('link/a.png')
  })

  it('names pictures that have no class, cannot be decoded or have no bytes, and goes on', async () => {
    write('stray.png', 'a/b.heic', 'a/empty.png', 'a/good.png')
    const { ids, problems } = await read()
    expect(ids).toEqual(['a/good.png'])
    expect(problems).toEqual([
      expect.stringMatching(/^data\/no-class-folders .*stray\.png lies beside the folders/),
      expect.stringMatching(/^data\/unreadable-image .*b\.heic: pictures of the kind \.heic .*convert it/),
      expect.stringMatching(/^data\/empty-image .*empty\.png/),
    ])
    expect(await read(3)).toMatchObject({ ids: ['a/good.png'], problems: [] })
    await expect(Readable.from(classFolders(directory).samples()).toArray()).rejects.toThrow('stray.png')
  })

  it('refuses a folder without classes, or a class without images', () => {
    write('a.png')
    expect(() => classFolders(directory)).toThrow(/no folders in .*one for each class/)
    write('cat/notes.txt')
    expect(() => classFolders(directory)).toThrow(/no image .*cat/)
    expect(() => classFolders(join(directory, 'nowhere'))).toThrow(/cannot list/)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { visuomotor } from '../support/captured-output.ts'

const root = join(import.meta.dirname, '../..')
const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name))

/** A command line of a page. */
interface Line {
  readonly place: string
  readonly words: readonly string[]
}

/** The command lines of a page: indented or in backticks; without comments, and with what goes on behind a `\`. */
function linesOf(page: string): Line[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/\\\n\s+/g, '')
  return Array.from(text.matchAll(/npx visuomotor ([a-z][^`\n|>#]*)/g), ({ 1: line }) => ({
    place: `${page}: ${line}`,
    words: line!.trim().split(/\s+/),
  }))
}

const helps = new Map<string, Promise<string>>()
const helpOf = (path: string): Promise<string> => {
  const known = helps.get(path) ?? visuomotor(...path.split(' '), '--help').then(({ result }) => result)
  helps.set(path, known)
  return known
}

/** What is wrong with a command line: its command, or a flag. */
async function problemsOf({ place, words }: Line): Promise<string[]> {
  const [first = '', second = ''] = words
  const path = ['data', 'robot'].includes(first) ? `${first} ${second}` : first
  const help = await helpOf(path)
  if (!help.includes(`Usage: visuomotor ${path}`)) return [`${place}: there is no '${path}'`]
  const flags = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/[=,;:].*/, ''))
  return flags
    .filter((flag) => !new RegExp(`${flag}(?![\\w-])`).test(help))
    .map((flag) => `${place}: there is no ${flag}`)
}

test('commands in the pages exist, with their flags', async () => {
  const lines = ['README.md', ...pages].flatMap(linesOf)
  expect(lines.length).toBeGreaterThan(80)
  expect((await Promise.all(lines.map(problemsOf))).flat()).toEqual([])
})

test('a command or a flag that does not exist is found', async () => {
  const wrong = [
    ['data', 'inspekt'],
    ['train', 'emoji', '--epoch', '3'],
  ]
  const found = await Promise.all(wrong.map((words) => problemsOf({ place: 'here', words })))
  expect(found.flat()).toEqual(["here: there is no 'data inspekt'", 'here: there is no --epoch'])
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

// A doc comment begins with a noun or an imperative: `Size of a patch`, `Fill a directory`. It never begins with a
// back-reference (`That of the learner`), a noun clause (`What a loader hands out`), a bare preposition (`Of a
// policy`) or a verb in the third person (`Reads a file`).

const source = join(import.meta.dirname, '../../src')

/** Rooms whose comments keep the rule. */
const rooms = [
  'cli',
  'compression',
  'core',
  'data',
  'deploy',
  'engine',
  'evaluation',
  'graph',
  'losses',
  'metrics',
  'models',
  'nn',
  'optim',
  'recipes',
  'report',
  'training',
  'world',
]

const forbidden = new Set(
  [
    // Back-references.
    'That Those This These It They Them Theirs Its His Their Such Same Likewise Otherwise There Here Then Thus So',
    // Noun clauses, and other clauses that come before what they speak of.
    'What Whatever Who Whom Whose Whoever Whether Which How When Whenever Where Wherever Why If Unless Because',
    'Since While Until Although Though Not Neither Nor And Or But Than',
    // Prepositions.
    'Of For With Without By In Into On Onto At From To As Like Against Beside Besides Before After Above Below',
    'Under Over Between Among Beyond Behind Around About Across Along During Per Through Within Upon Via',
    // Verbs in the third person; words that are nouns as well (`Counts of classes`, `Results`) are left out.
    'Adds Allows Applies Asks Begins Brings Builds Calls Carries Checks Chooses Collects Combines Comes Computes',
    'Contains Converts Creates Cuts Decides Describes Does Draws Drops Ends Fills Finds Follows Gets Gives Goes Has',
    'Helps Holds Is Keeps Knows Lays Lets Makes Maps Measures Moves Needs Opens Parses Prepares Prints Puts Reads',
    'Receives Removes Replaces Represents Returns Runs Says Sees Sends Serves Sets Shows Sorts Stores Takes Tells',
    'Throws Tries Turns Uses Waits Wants Was Were Wraps Writes',
  ].flatMap((words) => words.split(' ')),
)

interface Comment {
  readonly line: number
  readonly text: string
}

/** Doc comments of a file; those that begin with a tag, a symbol or code have no first word to judge. */
function docComments(file: string): Comment[] {
  const text = readFileSync(join(source, file), 'utf8')
  return [...text.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    text: match[1]!.replace(/^\s*\*? ?/gm, '').trim(),
  }))
}

const problemsOf = (file: string): string[] =>
  docComments(file)
    .filter(({ text }) => forbidden.has(/^[A-Z][a-z]*\b/.exec(text)?.[0] ?? ''))
    .map(({ line, text }) => `src/${file}:${line}: ${text.split('\n')[0]}`)

it.each(rooms)('doc comments of %s begin with a noun or an imperative', (room) => {
  const files = readdirSync(join(source, room), { recursive: true, encoding: 'utf8' })
  const ours = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  expect(ours.flatMap((file) => problemsOf(join(room, file)))).toEqual([])
})

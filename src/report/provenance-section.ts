import { type Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import type { Section } from './page.ts'
import { formatNumber, humanize } from './quantity.ts'

/** Facts from which the numbers of an evaluation can be made again. */
export interface EvaluationProvenance {
  /** SHA-256 of each file of the model. */
  readonly model: Readonly<Record<string, string>>
  /** SHA-256 of the samples of each data set, and their number. */
  readonly data: Readonly<Record<string, { readonly sha256: string; readonly samples: number }>>
  /** SHA-256 of further files by their path. */
  readonly files?: Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, string>>
  readonly seed: number
  /** Arguments of the command line, without the program. */
  readonly command: readonly string[]
}

/** Facts that the numbers were made of, and the commands that make them again and compare. */
export function provenanceSection(provenance: EvaluationProvenance): Section {
  const { model, data, files = {}, versions, seed, command } = provenance
  const facts = [
    ...Object.entries(versions).map(([name, version]) => [humanize(name), version]),
    ['Seed', String(seed)],
  ]
  return {
    title: 'Provenance',
    note: 'The same weights, data, versions and seed give the same numbers.',
    body: html`<p>Run it again:</p>
${commandLine(command)}
<p>Run it again and be told what differs:</p>
${commandLine(['evaluate', '--verify', 'evaluation.json'])}
${htmlTable({ columns: [{ title: 'Version of' }, { title: 'Value' }], rows: facts })}
${htmlTable({
  columns: [{ title: 'Data set' }, { title: 'Samples' }, { title: 'SHA-256' }],
  rows: Object.entries(data).map(([name, { sha256, samples }]) => [
    humanize(name),
    formatNumber(samples),
    hashOf(sha256),
  ]),
})}
${htmlTable({
  columns: [{ title: 'File of the model' }, { title: 'SHA-256' }],
  rows: Object.entries(model).map(([file, sha256]) => [file, hashOf(sha256)]),
})}${
  Object.keys(files).length === 0
    ? ''
    : htmlTable({
        columns: [{ title: 'Further file' }, { title: 'SHA-256' }],
        rows: Object.entries(files).map(([file, sha256]) => [file, hashOf(sha256)]),
      })
}`,
  }
}

const hashOf = (sha256: string): Html => html`<code class="hash">${sha256}</code>`

const commandLine = (words: readonly string[]): Html =>
  html`<pre class="command"><code>npx visuomotor ${words.map(shellWord).join(' ')}</code></pre>`

/** A word as a POSIX shell reads it. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

import { homedir } from 'node:os'
import type { Command } from 'commander'
import { version } from '../core/index.ts'
import { type Finding, ok, type Section } from './doctor/finding.ts'
import { machineFindings } from './doctor/machine.ts'
import { optionalPackageFindings, packageFindings } from './doctor/packages.ts'
import { deviceFindings, ffmpegFinding, mpiFinding } from './doctor/programs.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** `visuomotor doctor` */
export function registerDoctor(program: Command, output: Output): void {
  program
    .command('doctor')
    .description('what this machine has and what is missing, to look at or to paste into a bug report')
    .addOption(jsonOption())
    .action(async ({ json }: { json?: true }) => {
      const sections = await examine()
      const text = json ? JSON.stringify(asJson(sections), undefined, 2) : textOf(sections)
      output.result(withoutHome(text))
    })
}

async function examine(): Promise<Section[]> {
  return [
    { title: 'Versions', findings: [ok('visuomotor', version()), ok('Node', nodeVersion())] },
    { title: 'Machine', findings: machineFindings() },
    { title: 'Devices', findings: await deviceFindings() },
    { title: 'Programs and libraries', findings: [mpiFinding(), ffmpegFinding()] },
    { title: 'Packages', findings: packageFindings() },
    { title: 'Optional packages', findings: optionalPackageFindings() },
  ]
}

function nodeVersion(): string {
  const { node } = process.versions
  return Number.parseInt(node, 10) < 22 ? `${node}, past its end of life: take 22 or newer` : node
}

/** `{ machine: [{ name, state, text }], … }` */
const asJson = (sections: readonly Section[]) =>
  Object.fromEntries(
    sections.map(({ title, findings }) => [title.toLowerCase().replaceAll(' ', '-'), findings]),
  )

/** Plain text: a line for each finding, marked where something is missing, and beneath it how to get it. */
export function textOf(sections: readonly Section[]): string {
  const width = Math.max(...sections.flatMap(({ findings }) => findings.map(({ name }) => name.length)))
  return sections
    .map(({ title, findings }) => [title, ...findings.flatMap((each) => linesOf(each, width))].join('\n'))
    .join('\n\n')
}

const marks: Readonly<Record<Finding['state'], string>> = { ok: ' ', missing: '-', fails: '!' }

const linesOf = ({ name, state, text, remedy }: Finding, width: number): string[] => [
  `${marks[state]} ${name.padEnd(width)}  ${text.replace(/\s+/g, ' ')}`,
  ...(remedy === undefined ? [] : [`${' '.repeat(width + 4)}${remedy}`]),
]

/** Text in which the reader's home is `~`, so that a report does not tell the user's name. */
function withoutHome(text: string): string {
  const home = homedir()
  return home.length > 1 ? text.replaceAll(home, '~') : text
}

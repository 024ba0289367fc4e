import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  Application,
  Converter,
  type DeclarationReflection,
  type DocumentReflection,
  type TypeDocOptions,
} from 'typedoc'
import { brokenLinks } from './broken-links.ts'

const root = join(import.meta.dirname, '..')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Readonly<Record<string, string>>
}

/** Order of the pages in the menu; the rooms of the package follow, which typedoc calls modules. */
const groups = ['Guides', 'Pages', 'Modules']

export const siteOptions: TypeDocOptions = {
  ...{ name: 'Visuomotor', readme: 'README.md', tsconfig: 'tsconfig.json', theme: 'default', router: 'kind' },
  entryPoints: Object.values(exports).map((file) => file.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
  projectDocuments: ['docs/guides/*.md', 'docs/*.md'],
  ...{ searchInComments: true, searchInDocuments: true, groupOrder: groups, sort: ['source-order'] },
  ...{ navigation: { includeGroups: true, includeCategories: false, includeFolders: false } },
  ...{ disableSources: true, skipErrorChecking: true, excludeInternal: true, excludePrivate: true },
  ...{ highlightLanguages: ['ts', 'js', 'json', 'sh', 'bash', 'yaml', 'python', 'html'] },
  ignoredHighlightLanguages: ['csv'],
  // Links are checked in what was built: see `brokenLinks`.
  validation: { notExported: false, invalidLink: false, invalidPath: false, rewrittenLink: false },
  // README and pages have headings of their own.
  headings: { readme: false, document: false },
  includeHierarchySummary: false,
}

const headingOf = (text: string): string | undefined => /^# (.+)$/m.exec(text)?.[1]

/** Headings of the guides, by which they are told from other pages. */
const guides = new Set(
  readdirSync(join(root, 'docs/guides')).map((file) =>
    headingOf(readFileSync(join(root, 'docs/guides', file), 'utf8')),
  ),
)

/** Name a page by its heading, and put it into its group of the menu. */
function placePage(page: DocumentReflection): void {
  const heading = headingOf(page.content[0]?.text ?? '')
  if (heading === undefined) return
  page.name = heading.replaceAll('`', '')
  page.frontmatter.group = guides.has(heading) ? 'Guides' : 'Pages'
}

/** Keep shapes, as `[batch, width]: values`, from being taken for definitions of links, which are not shown. */
function keepShapes({ comment }: DeclarationReflection): void {
  for (const part of comment?.summary ?? [])
    if (part.kind === 'text') part.text = part.text.replace(/^(\s*)\[([^\]]*)\]:/gm, '$1\\[$2]:')
}

/**
 * Build the site that one browses: README, guides and pages of `docs/`, and what the package exports with its doc comments, with a
 * search over all of it. It needs no server and no network.
 * @returns Links that lead nowhere, each with its page.
 */
export async function buildSite(out: string): Promise<string[]> {
  const app = await Application.bootstrap({ ...siteOptions, out })
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page: DocumentReflection) => placePage(page))
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, each: DeclarationReflection) =>
    keepShapes(each),
  )
  const project = await app.convert()
  if (!project) throw new Error('typedoc could not read the package')
  await app.generateOutputs(project)
  if (app.logger.hasErrors()) throw new Error('typedoc failed, as it says above')
  return brokenLinks(out)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const out = process.argv[2] ?? 'site'
  const broken = await buildSite(out)
  for (const link of broken) console.error(`leads nowhere: ${link}`)
  if (broken.length > 0) process.exitCode = 1
  else console.log(`${join(out, 'index.html')} is the first page; all links lead somewhere`)
}

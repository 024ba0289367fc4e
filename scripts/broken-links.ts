import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Links of a folder of pages that lead nowhere: to files that are not there, and to places that a page does not have.
 * @returns Each as `page: link`.
 */
export function brokenLinks(folder: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.html'),
  )
  const texts = new Map(pages.map((page) => [join(folder, page), readFileSync(join(folder, page), 'utf8')]))
  const places = new Map<string, ReadonlySet<string>>()
  const placesOf = (page: string): ReadonlySet<string> => {
    const known = places.get(page) ?? new Set(valuesOf(texts.get(page) ?? '', 'id'))
    places.set(page, known)
    return known
  }
  const leadsSomewhere = (page: string, link: string): boolean => {
    const [path = '', place = ''] = link.split('#')
    const named = path === '' ? page : join(dirname(page), decodeURIComponent(path))
    const target = existsSync(named) && statSync(named).isDirectory() ? join(named, 'index.html') : named
    if (!existsSync(target)) return false
    return place === '' || !texts.has(target) || placesOf(target).has(decodeURIComponent(place))
  }
  return pages.flatMap((page) => {
    const file = join(folder, page)
    const links = new Set([
      ...valuesOf(texts.get(file) ?? '', 'href'),
      ...valuesOf(texts.get(file) ?? '', 'src'),
    ])
    return [...links]
      .filter((link) => !/^(\w+:|\/\/)/.test(link) && !leadsSomewhere(file, link))
      .map((link) => `${page}: ${link}`)
  })
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
}

const valuesOf = (text: string, attribute: string): string[] =>
  Array.from(text.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g')), ([, value]) =>
    value!.replace(/&(amp|quot|#39|lt|gt);/g, (entity) => entities[entity]!),
  )

import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { browser, headless, removeProfile } from '../../test/support/browser.ts'
import {
  exampleComparison,
  exampleEvaluation,
  exampleRuns,
  exampleStudy,
} from '../../test/support/report-examples.ts'
import { comparisonPage } from './comparison-page.ts'
import { evaluationPage } from './evaluation-page.ts'
import { runsPage } from './runs-page.ts'
import { studyPage } from './study-page.ts'

const profile = mkdtempSync(join(tmpdir(), 'pages-'))
afterAll(() => removeProfile(profile))

/** A page that opens others in windows of 360 and 1280 pixels, and writes down how wide they are and what they fetch. */
const frames = (files: readonly string[]): string => `<!doctype html><pre id="found"></pre><script>
const found = []
const opened = ${JSON.stringify(files)}.flatMap((file) => [360, 1280].map((width) => new Promise((done) => {
  const frame = document.createElement('iframe')
  frame.style = 'border: 0; height: 800px; width: ' + width + 'px'
  frame.onload = () => {
    const { documentElement, body } = frame.contentDocument
    for (const details of frame.contentDocument.querySelectorAll('details')) details.open = true
    found.push({
      file, width,
      scrollWidth: documentElement.scrollWidth,
      fetched: frame.contentWindow.performance.getEntriesByType('resource').map(({ name }) => name),
      ink: frame.contentWindow.getComputedStyle(body).color,
    })
    done()
  }
  frame.src = '/' + file
  document.body.append(frame)
})))
Promise.all(opened).then(() => { document.getElementById('found').textContent = JSON.stringify(found) })
</script>`

interface Found {
  readonly file: string
  readonly width: number
  readonly scrollWidth: number
  readonly fetched: readonly string[]
  readonly ink: string
}

/** What a browser without a network finds of pages, and what its console says. @param dark The reader's system is dark. */
async function visit(
  pages: Readonly<Record<string, string>>,
  dark: boolean,
): Promise<{ found: Found[]; said: string[] }> {
  const server = createServer(({ url = '' }, response) => {
    const content = url === '/' ? frames(Object.keys(pages)) : pages[url.slice(1)]
    response.writeHead(content === undefined ? 204 : 200, { 'content-type': 'text/html' }).end(content)
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  try {
    const { stdout, stderr } = await promisify(execFile)(browser!, [
      ...headless,
      ...[
        '--disable-gpu',
        '--enable-logging=stderr',
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      ],
      ...['--virtual-time-budget=5000', `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`],
      ...[
        `--user-data-dir=${profile}`,
        '--dump-dom',
        `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      ],
    ])
    const [, json] = /<pre id="found">(.*?)<\/pre>/.exec(stdout)!
    return { found: JSON.parse(json!), said: stderr.split('\n').filter((line) => line.includes(':CONSOLE')) }
  } finally {
    server.close()
  }
}

/** What the pages must not be: wide, loud, with a picture from elsewhere. */
const control =
  '<div style="width: 2000px">wide</div><img src="http://elsewhere.example/x.png" alt=""><script>console.error("loud")</script>'

test.skipIf(browser === undefined)(
  'pages fit 360 pixels, fetch nothing and complain of nothing, in light and dark (skipped where there is no chromium)',
  async () => {
    const pages = {
      'evaluation.html': evaluationPage(exampleEvaluation),
      'comparison.html': comparisonPage(exampleComparison),
      'runs.html': await runsPage(exampleRuns()),
      'study.html': await studyPage(exampleStudy),
    }
    for (const dark of [false, true]) {
      const { found, said } = await visit({ ...pages, 'control.html': control }, dark)
      expect(said.map((line) => line.includes('"loud"'))).toEqual([true, true])
      expect(found).toHaveLength(2 * (Object.keys(pages).length + 1))
      for (const { file, width, scrollWidth, fetched, ink } of found) {
        if (file === 'control.html') {
          expect([scrollWidth > width, fetched]).toEqual([true, ['http://elsewhere.example/x.png']])
          continue
        }
        expect(scrollWidth, `${file} in ${width} pixels`).toBeLessThanOrEqual(width)
        expect(fetched, file).toEqual([])
        expect(ink, file).toBe(dark ? 'rgb(233, 231, 226)' : 'rgb(29, 31, 35)')
      }
    }
  },
  60_000,
)

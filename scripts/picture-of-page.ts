import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { removeProfile } from '../test/support/browser.ts'

/**
 * Draw a part of a page as the documentation shows it, with a Chromium of this machine:
 *
 *     node --import tsx/esm scripts/picture-of-page.ts runs/emoji/report.html docs/images/report.png
 *     node --import tsx/esm scripts/picture-of-page.ts runs/tabletop-multitask/report.html docs/images/policy.png 1000 1150 1030
 *
 * Arguments: page, picture, and in pixels width (1000), height (1500) and the first row (0). CHROMIUM names the program
 * where it is not `chromium`.
 */
const [page, picture, width = '1000', height = '1500', top = '0'] = process.argv.slice(2)
if (page === undefined || picture === undefined) throw new Error('name the page and the picture')
const home = mkdtempSync(join(tmpdir(), 'picture-'))
try {
  // A frame also allows windows narrower than a browser's own.
  const frame = join(home, 'frame.html')
  const style = `border: 0; width: ${width}px; height: 30000px; position: absolute; left: 0; top: -${top}px`
  writeFileSync(
    frame,
    `<body style="margin: 0"><iframe src="${pathToFileURL(resolve(page))}" style="${style}"></iframe>`,
  )
  const { status, error, stderr } = spawnSync(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...[
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-sync',
        '--no-first-run',
      ],
      ...['--disable-background-networking', '--disable-component-update', '--hide-scrollbars'],
      `--user-data-dir=${join(home, 'profile')}`,
      `--window-size=${width},${height}`,
      `--screenshot=${resolve(picture)}`,
      pathToFileURL(frame).href,
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw error ?? new Error(stderr)
} finally {
  await removeProfile(home)
}

import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Compiled `visuomotor`, which is what users start; TypeScript sources take longer. */
export const builtCommand = join(root, 'dist/cli/main.js')

/** Why it cannot be measured: it is missing, or older than its sources. */
export function staleBuild(): { skipped: string } | undefined {
  if (!existsSync(builtCommand)) return { skipped: 'dist is missing; npm run build' }
  const built = statSync(builtCommand).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const isNewer = (file: string) => statSync(join(root, 'src', file)).mtimeMs > built
  const newer = sources.find((file) => /(?<!\.test)\.ts$/.test(file) && isNewer(file))
  return newer === undefined ? undefined : { skipped: `dist is older than src/${newer}; npm run build` }
}

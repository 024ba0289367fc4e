import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundleScript } from '../../scripts/bundle-package.ts'

/** Where packages are found from. */
const cache = join(import.meta.dirname, '../../node_modules/.cache')

interface ScriptOptions {
  readonly args?: readonly string[]
  /** Of Node. */
  readonly flags?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Run a script in TypeScript in a process of its own. @returns What it prints. */
export async function runScript(
  script: string,
  { args = [], flags = [], env = process.env }: ScriptOptions = {},
): Promise<string> {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'script-'))
  try {
    const file = join(folder, 'script.mjs')
    await bundleScript(script, file)
    return (await promisify(execFile)(process.execPath, [...flags, file, ...args], { env })).stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}

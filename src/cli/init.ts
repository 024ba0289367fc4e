import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, shellWord, writeFileAtomic } from '../core/index.ts'
import { drawPictures } from './init/draw-pictures.ts'
import { linkPackage } from './init/link-package.ts'
import { projectFiles } from './init/project-files.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** `visuomotor init [directory]` */
export function registerInit(program: Command, output: Output): void {
  program
    .command('init')
    .description(
      'begin a project of your own: a recipe, some drawn pictures to train it on, and this package',
    )
    .argument('[directory]', 'where the project is made', '.')
    .addOption(jsonOption())
    .action(async (directory: string, { json }: { json?: true }) => {
      const link = linkPackage(directory)
      const files = projectFiles(link.dependency)
      requireFree(directory, [...Object.keys(files), 'photos'])
      for (const [name, content] of Object.entries(files)) {
        const path = join(directory, name)
        if (!existsSync(path)) writeFileAtomic(path, content)
      }
      await drawPictures(join(directory, 'photos'))
      link.make()
      output.result(json ? JSON.stringify({ directory }, undefined, 2) : join(directory, 'recipe.ts'))
      const enter = relative('.', directory) === '' ? '' : `cd ${shellWord(directory)} && `
      output.note(`next: ${enter}npx visuomotor train recipe.ts`)
    })
}

/** Files that a project may already have; they are left as they are. */
const kept: readonly string[] = ['package.json', 'tsconfig.json', '.gitignore']

/** @throws ConfigError `cli/exists` where something of a project would be written over. */
function requireFree(directory: string, names: readonly string[]): void {
  const taken = names.filter((name) => !kept.includes(name) && existsSync(join(directory, name)))
  if (taken.length === 0) return
  const message = `${taken.map((name) => join(directory, name)).join(', ')} already there: name another directory`
  throw new ConfigError('cli/exists', message, { directory, taken })
}

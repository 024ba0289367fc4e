import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { parseRecipe, recipes } from '../index.ts'
import { makeRoom, readRecipe, requireRoom, undoBegin, writeRecipe } from './directory.ts'

const config = parseRecipe(recipes.emoji!())

describe('the directory of a run', () => {
  let home: string
  let run: string

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
    run = join(home, 'emoji')
  })

  it('is free where nothing or an empty folder is', () => {
    expect(makeRoom(run)).toBeUndefined()
    mkdirSync(run)
    expect(makeRoom(run)).toBeUndefined()
    expect(readdirSync(home)).toEqual(['emoji'])
  })

  it('is freed by moving an earlier run to the next name that is free', () => {
    for (const expected of ['emoji.1', 'emoji.2', 'emoji.3']) {
      writeRecipe(run, config)
      writeFileSync(join(run, 'metrics.jsonl'), '{"step":10}\n')
      expect(makeRoom(run)).toBe(join(home, expected))
      expect(existsSync(run)).toBe(false)
    }
    expect(readRecipe(join(home, 'emoji.2'))).toEqual(config)
  })

  it('is freed of an attempt that never trained, and of nothing else', () => {
    writeRecipe(run, config)
    writeFileSync(join(run, 'metrics.jsonl'), '')
    writeRecipe(join(run, 'stages', '1-find'), config)
    expect(makeRoom(run)).toBeUndefined()
    expect(readdirSync(home)).toEqual([])
    for (const own of ['thesis.tex', 'checkpoints', 'stages/1-find/checkpoints']) {
      writeRecipe(run, config)
      writeRecipe(join(run, 'stages', '1-find'), config)
      mkdirSync(join(run, own))
      expect(makeRoom(run)).toMatch(/emoji\.\d$/)
    }
  })

  it('is as it was before a run that never trained was begun', () => {
    writeRecipe(run, config)
    writeFileSync(join(run, 'metrics.jsonl'), '{"step":10}\n')
    const earlier = makeRoom(run)
    writeRecipe(run, config)
    undoBegin(run, earlier)
    expect(readdirSync(home)).toEqual(['emoji'])
    expect(readdirSync(run)).toEqual(['metrics.jsonl', 'recipe.json'])
    undoBegin(run, earlier)
    expect(readdirSync(run)).toEqual(['metrics.jsonl', 'recipe.json'])
  })

  it('is not freed of what is no run', () => {
    mkdirSync(run)
    writeFileSync(join(run, 'thesis.tex'), '')
    const refusal = expect.objectContaining({ name: 'ConfigError', code: 'run/not-a-run' })
    expect(() => requireRoom(run)).toThrow(refusal)
    expect(() => makeRoom(run)).toThrow(refusal)
    expect(readdirSync(run)).toEqual(['thesis.tex'])
  })

  it('is not where a file is, nor below one', () => {
    writeFileSync(run, '')
    for (const path of [run, join(run, 'below', 'it')]) {
      expect(() => requireRoom(path)).toThrow(`${run} is a file, and a run needs a directory`)
    }
  })

  it('gives its recipe back, or names the nearest run', () => {
    writeRecipe(run, config)
    expect(readRecipe(run)).toEqual(config)
    expect(() => readRecipe(join(home, 'emojy'))).toThrow(`did you mean ${run}?`)
    expect(() => readRecipe(join(home, 'elsewhere', 'emoji'))).toThrow(/is not the directory of a run$/)
  })
})

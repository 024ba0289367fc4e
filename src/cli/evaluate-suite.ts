import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { keepEarlier, version, writeFileAtomic } from '../core/index.ts'
import { openSource } from '../data/index.ts'
import { readModelConfig } from '../deploy/index.ts'
import {
  clipBenchmarkLines,
  compareResults,
  comparisonTable,
  onlyOneRight,
  readEvaluation,
  resultTable,
  type SuiteInput,
  type SuiteResult,
  storedOf,
  type Verification,
  verify,
  type WrittenFiles,
  writeComparison,
  writeEvaluation,
} from '../evaluation/index.ts'
import { evaluateSuite, registryOf, type SuiteOptions } from '../recipes/index.ts'
import { textTable } from '../report/index.ts'
import { counted } from './counted.ts'
import type { EvaluateOptions, GivenOptions } from './evaluate-options.ts'
import { EvaluationIncomplete, VerificationFailed } from './exit-code.ts'
import { loadExtensions, loadNamed, type Named, suiteSort } from './load-named.ts'
import type { Output } from './output.ts'

/** `evaluate <model> --suite <name>`: numbers and page of a suite. */
export async function evaluateBySuite(model: string, options: GivenOptions, output: Output): Promise<void> {
  const loaded = await loadNamed(options.suite!, suiteSort)
  const result = await carriedOut(model, loaded, options, output)
  const directory = options.out ?? join('evaluations', `${nameOf(model)}-${result.suite}`)
  tell(writeEvaluation(directory, result), output)
  if (options.clipBenchmark !== undefined)
    await writeClipBenchmark(options.clipBenchmark, result, options, output)
  output.result(
    options.json ? JSON.stringify(storedOf(result), undefined, 2) : textTable(resultTable(result)),
  )
  requireComplete([result], output)
}

/** Tell each evaluator that failed. @throws EvaluationIncomplete where one did. */
function requireComplete(results: readonly SuiteResult[], output: Output): void {
  const failures = results.flatMap(({ directory, failed = [] }) =>
    failed.map((failure) => ({ directory, ...failure })),
  )
  for (const { directory, test, evaluator, code, message } of failures)
    output.note(`${directory}, ${test}, ${evaluator} failed (${code}): ${message}`)
  if (failures.length === 0) return
  const names = failures.map(({ test, evaluator }) => `${evaluator} of ${test}`).join(', ')
  throw new EvaluationIncomplete(`not measured: ${names}. What the others found is written`)
}

/** `evaluate --compare <first> <second> --suite <name>`: two models on the same samples and seeds. */
export async function compareModels(
  models: readonly string[],
  options: GivenOptions,
  output: Output,
): Promise<void> {
  const [first, second] = models as [string, string]
  const loaded = await loadNamed(options.suite!, suiteSort)
  const { families, sources } = await registryFor(loaded, options)
  for (const model of models) readModelConfig(model, { families }) // one that is not there is told at once
  const results: SuiteResult[] = []
  for (const model of [first, second]) results.push(await carriedOut(model, loaded, options, output))
  const comparison = compareResults(results[0]!, results[1]!, (text) => output.note(text))
  const directory =
    options.out ?? join('evaluations', `${nameOf(first)}-${nameOf(second)}-${comparison.suite}`)
  const pictures = await onlyOneRight(results[0]!, results[1]!, comparison, (spec) =>
    openSource(spec, sources),
  )
  tell(writeComparison(directory, comparison, pictures), output)
  output.result(
    options.json ? JSON.stringify(comparison, undefined, 2) : textTable(comparisonTable(comparison)),
  )
  requireComplete(results, output)
}

/**
 * `evaluate --verify <file>`: carry an evaluation out again with its own suite and settings, and say what differs.
 * @throws VerificationFailed where a number differs; DataError `evaluation/file`.
 */
export async function verifyEvaluation(
  file: string,
  options: EvaluateOptions,
  output: Output,
): Promise<void> {
  const before = readEvaluation(file)
  const { suite, settings } = before.provenance
  const own = options.with === undefined ? {} : await loadExtensions(options.with)
  const now = await evaluateSuite(before.directory, suite, {
    ...{ ...settings, ...own, version: version() },
    ...watching(output),
  })
  const verification = verify(before, now)
  output.result(
    options.json ? JSON.stringify({ file, ...verification }, undefined, 2) : wordsOf(file, verification),
  )
  if (verification.numbers.length > 0)
    throw new VerificationFailed(
      `${verification.numbers.length} of ${verification.compared} numbers of ${file} are not those of its repetition`,
    )
}

/** Number of differing numbers that are printed. */
const printed = 20

function wordsOf(file: string, { facts, numbers, compared }: Verification): string {
  const changed = numbers
    .slice(0, printed)
    .map(({ path, before, now }) => `${path} was ${before}, and is ${now}`)
  const more = numbers.length > printed ? [`… and ${numbers.length - printed} numbers more`] : []
  const same = numbers.length === 0 ? [`${file}: all ${compared} numbers are the same, bit for bit`] : []
  return [...facts, ...changed, ...more, ...same].join('\n')
}

async function carriedOut(
  model: string,
  { value: suite, own }: Named<SuiteInput>,
  { with: file, onBadSample, checkpoint, device, threads, keepFeatures, command }: GivenOptions,
  output: Output,
): Promise<SuiteResult> {
  return evaluateSuite(model, suite, {
    ...{ onBadSample, checkpoint, device, threads, keepFeatures },
    ...own,
    ...(file !== undefined && definedOf(await loadExtensions(file))),
    ...{ command, version: version() },
    ...watching(output),
  })
}

/** All rows, a user's own among them, those of `--with` before those of the suite. */
async function registryFor({ own }: Pick<Named<SuiteInput>, 'own'>, { with: file }: EvaluateOptions) {
  const extensions = file === undefined ? {} : definedOf(await loadExtensions(file))
  return registryOf({ ...own, ...extensions })
}

/** The rows that a module has, so that they do not hide those of another with nothing. */
const definedOf = <T extends object>(rows: T): Partial<T> =>
  Object.fromEntries(Object.entries(rows).filter(([, value]) => value !== undefined)) as Partial<T>

const watching = (output: Output): Pick<SuiteOptions, 'watch' | 'onNote' | 'onStep'> => ({
  watch: (batches, title, source) => counted(batches, title, source, output),
  onNote: (text) => output.note(text),
})

/** Write lines for CLIP_benchmark; an earlier file is kept under the next free number. */
async function writeClipBenchmark(
  file: string,
  result: SuiteResult,
  { with: module }: EvaluateOptions,
  output: Output,
): Promise<void> {
  const { families } = registryOf(module === undefined ? {} : await loadExtensions(module))
  const { model_type } = readModelConfig(result.directory, { families })
  const lines = clipBenchmarkLines(result, model_type)
  const earlier = existsSync(file) ? keepEarlier(dirname(file), [basename(file)]) : undefined
  if (earlier !== undefined) output.note(`the earlier lines are now in ${earlier}`)
  writeFileAtomic(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  output.note(`for CLIP_benchmark: ${file}`)
}

function tell({ numbers, page, earlier }: WrittenFiles, output: Output): void {
  if (earlier !== undefined) output.note(`the earlier one is now ${earlier}`)
  output.note(`numbers: ${numbers}`)
  output.note(`report: ${page}`)
}

const nameOf = (model: string): string => basename(resolve(model))

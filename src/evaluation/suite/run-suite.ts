import { ConfigError, VisuomotorError } from '../../core/index.ts'
import { aggregate } from './aggregate.ts'
import type { EvaluatorOptions, Evaluators, Findings } from './evaluator.ts'
import type { ModelUnderTest } from './model-under-test.ts'
import type { Subject } from './subject.ts'
import type { Suite } from './suite.ts'
import type { FailedEvaluator, SuiteResult } from './suite-result.ts'

/** Findings of a suite, without the facts that they were made from. */
export type SuiteFindings = Pick<SuiteResult, 'tests' | 'aggregate' | 'failed'>

/** An evaluator on a data set, with the key of its findings. */
interface Step {
  readonly subject: Subject
  readonly key: string
  readonly options: EvaluatorOptions
  /** True where the suite names data. */
  readonly hasData: boolean
}

/**
 * Carry out a suite: every evaluator on every data set, in order. What cannot be judged is refused before anything is computed. An
 * evaluator that ends with an error is named among the `failed`, and what the others find is kept.
 * @param evaluators Evaluators by their kind.
 * @param onStep Receiver of the data set and the evaluator that begin.
 * @throws ConfigError `evaluation/refused` that names all evaluators that cannot judge the model; the error of the first evaluator where none
 * ends well.
 */
export async function runSuite(
  { tests }: Suite,
  model: ModelUnderTest,
  evaluators: Evaluators,
  onStep?: (test: string, evaluator: string) => void,
): Promise<SuiteFindings> {
  const steps = Object.entries(tests).flatMap(([name, { data, evaluators: asked }]): Step[] => {
    const subject = model.subject(name, data)
    const hasData = data !== undefined
    return asked.map((options, i) => ({ subject, options, key: keyOf(asked, i), hasData }))
  })
  requireJudgeable(steps, evaluators)
  const found: Record<string, Record<string, Findings>> = {}
  const failed: FailedEvaluator[] = []
  let first: unknown
  for (const { subject, key, options, hasData } of steps) {
    const { name, spec } = subject
    onStep?.(name, key)
    try {
      if (hasData) await model.readAll(name, spec)
      const findings = await evaluators[options.kind]!.evaluate(subject, options)
      found[name] = { ...found[name], [key]: findings }
    } catch (error) {
      first ??= error
      failed.push(failureOf(name, key, error))
    }
  }
  if (Object.keys(found).length === 0) throw first
  return { tests: found, aggregate: aggregate(found), ...(failed.length > 0 && { failed }) }
}

function failureOf(test: string, evaluator: string, error: unknown): FailedEvaluator {
  const code = error instanceof VisuomotorError ? error.code : 'internal'
  return { test, evaluator, code, message: error instanceof Error ? error.message : String(error) }
}

/** The kind of an evaluator, with a number behind it from the second of its kind on. */
function keyOf(asked: readonly EvaluatorOptions[], place: number): string {
  const { kind } = asked[place]!
  const number = asked.slice(0, place + 1).filter((other) => other.kind === kind).length
  return number === 1 ? kind : `${kind}${number}`
}

function requireJudgeable(steps: readonly Step[], evaluators: Evaluators): void {
  const refusals = steps.flatMap(({ subject, key, options, hasData }) => {
    const { refusal, drawsScenes = false } = evaluators[options.kind]!
    const reason =
      hasData || drawsScenes ? refusal(subject, options) : 'it needs data: name the data of the test'
    return reason === undefined ? [] : [`${subject.name}, ${key}: ${reason}`]
  })
  if (refusals.length === 0) return
  const list = refusals.map((refusal) => `\n  ${refusal}`).join('')
  throw new ConfigError(
    'evaluation/refused',
    `the suite has evaluators that cannot judge this model:${list}\nLeave them out, or take a suite for such models`,
    { refusals },
  )
}

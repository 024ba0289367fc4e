import { ConfigError } from '../../core/index.ts'
import { aggregate } from './aggregate.ts'
import type { EvaluatorOptions, Evaluators, Findings } from './evaluator.ts'
import type { ModelUnderTest } from './model-under-test.ts'
import type { Subject } from './subject.ts'
import type { Suite } from './suite.ts'
import type { SuiteResult } from './suite-result.ts'

/** Findings of a suite, without the facts that they were made from. */
export type SuiteFindings = Pick<SuiteResult, 'tests' | 'aggregate'>

/** An evaluator on a data set, with the key of its findings. */
interface Step {
  readonly subject: Subject
  readonly key: string
  readonly options: EvaluatorOptions
}

/**
 * Carry out a suite: every evaluator on every data set, in order. What cannot be judged is refused before anything is computed.
 * @param evaluators Evaluators by their kind.
 * @param onStep Receiver of the data set and the evaluator that begin.
 * @throws ConfigError `evaluation/refused` that names all evaluators that cannot judge the model; errors of evaluators.
 */
export async function runSuite(
  { tests }: Suite,
  model: ModelUnderTest,
  evaluators: Evaluators,
  onStep?: (test: string, evaluator: string) => void,
): Promise<SuiteFindings> {
  const steps = Object.entries(tests).flatMap(([name, { data, evaluators: asked }]): Step[] => {
    const subject = model.subject(name, data)
    return asked.map((options, i) => ({ subject, options, key: keyOf(asked, i) }))
  })
  requireJudgeable(steps, evaluators)
  const found: Record<string, Record<string, Findings>> = {}
  for (const { subject, key, options } of steps) {
    onStep?.(subject.name, key)
    found[subject.name] ??= {}
    await model.readAll(subject.name, subject.spec)
    found[subject.name]![key] = await evaluators[options.kind]!.evaluate(subject, options)
  }
  return { tests: found, aggregate: aggregate(found) }
}

/** The kind of an evaluator, with a number behind it from the second of its kind on. */
function keyOf(asked: readonly EvaluatorOptions[], place: number): string {
  const { kind } = asked[place]!
  const number = asked.slice(0, place + 1).filter((other) => other.kind === kind).length
  return number === 1 ? kind : `${kind}${number}`
}

function requireJudgeable(steps: readonly Step[], evaluators: Evaluators): void {
  const refusals = steps.flatMap(({ subject, key, options }) => {
    const reason = evaluators[options.kind]!.refusal(subject, options)
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

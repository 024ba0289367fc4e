import type { CompressionMethods, Subject, Tools } from './method.ts'
import type { CompressionStep } from './recipe.ts'

/** Take the steps of a compression one after the other. @throws ConfigError of their methods. */
export async function applySteps(
  steps: readonly CompressionStep[],
  methods: CompressionMethods,
  subject: Subject,
  tools: Tools,
): Promise<Subject> {
  let now = subject
  for (const step of steps) now = await methods[step.kind]!.apply(step, now, tools)
  return now
}

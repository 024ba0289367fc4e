import { type Policy, type PolicyRunner, policyValues } from '../models/index.ts'
import type { ModelDescription } from './bundle.ts'
import { loadGraphs, modelInputs, type RuntimeOptions } from './load-graphs.ts'

/** The ONNX file of a policy, `model`, ready to run. @throws Errors of {@link loadGraphs}. */
export async function loadPolicy(
  directory: string,
  description: ModelDescription<Policy>,
  options: RuntimeOptions,
): Promise<PolicyRunner> {
  const { image, text } = modelInputs(description.model)
  const { model } = await loadGraphs(directory, description, { model: [image, text] }, options)
  const { program, outputs } = model
  return {
    async run(pixelValues, inputIds) {
      const results = await program.run({ [image.name]: pixelValues, [text.name]: inputIds })
      return policyValues(Object.fromEntries(outputs.map((name) => [name, results[name]!])))
    },
  }
}

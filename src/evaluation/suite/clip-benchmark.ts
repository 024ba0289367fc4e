import { basename, resolve } from 'node:path'
import type { Findings } from './evaluator.ts'
import type { SuiteResult } from './suite-result.ts'

/** One result in the format of LAION's CLIP_benchmark, https://github.com/LAION-AI/CLIP_benchmark. */
export interface ClipBenchmarkLine {
  readonly dataset: string
  /** Type of the model, such as `clip`. */
  readonly model: string
  /** Name of the weights: of the model's folder. */
  readonly pretrained: string
  readonly task: 'zeroshot_retrieval' | 'zeroshot_classification' | 'linear_probe'
  /** Fractions in [0, 1]; those of a task without a number are left out. */
  readonly metrics: Readonly<Record<string, number>>
  readonly language: 'en'
}

/** A task of CLIP_benchmark: its metrics by name, each with the path of ours and the factor to it. */
interface Task {
  readonly task: ClipBenchmarkLine['task']
  readonly metrics: Readonly<Record<string, readonly [path: string, factor: number]>>
}

const recall = (k: number) =>
  ({
    [`image_retrieval_recall@${k}`]: [`textToImage.R@${k}`, 0.01],
    [`text_retrieval_recall@${k}`]: [`imageToText.R@${k}`, 0.01],
  }) as const

/** Tasks by the kind of the evaluator. */
const tasks: Readonly<Record<string, Task>> = {
  retrieval: { task: 'zeroshot_retrieval', metrics: { ...recall(1), ...recall(5), ...recall(10) } },
  zeroShot: {
    task: 'zeroshot_classification',
    metrics: {
      acc1: ['accuracy', 1],
      acc5: ['top5Accuracy', 1],
      mean_per_class_recall: ['meanPerClassRecall', 1],
    },
  },
  linearProbe: {
    task: 'linear_probe',
    metrics: {
      lp_acc1: ['accuracy', 1],
      lp_acc5: ['top5Accuracy', 1],
      lp_mean_per_class_recall: ['meanPerClassRecall', 1],
    },
  },
}

/**
 * Results of a suite as lines for CLIP_benchmark: retrieval, zero-shot classification and linear probes; it has no other tasks.
 * @param modelType `model_type` of the model's config.
 */
export const clipBenchmarkLines = (
  { directory, tests }: SuiteResult,
  modelType: string,
): readonly ClipBenchmarkLine[] =>
  Object.entries(tests).flatMap(([dataset, found]) =>
    Object.entries(found).flatMap(([evaluator, findings]) => {
      const row = tasks[evaluator.replace(/\d+$/, '')]
      if (!row) return []
      const names = { dataset, model: modelType, pretrained: basename(resolve(directory)) }
      return [{ ...names, task: row.task, metrics: metricsOf(row, findings), language: 'en' as const }]
    }),
  )

const metricsOf = ({ metrics }: Task, found: Findings): Record<string, number> =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([name, [path, factor]]) => {
      const measured = found.metrics[path]
      return measured ? [[name, factor * measured.value] as const] : []
    }),
  )

import {
  type ComparedRun,
  type ComparisonReport,
  type EvaluationReport,
  type EvaluatorFindings,
  html,
  htmlTable,
  type MeasuredNumber,
  pictureGrid,
  type Section,
  type ShownStudy,
  type ShownTrial,
} from '../../src/report/index.ts'

/** A text that would be markup if it were not escaped. */
export const markupText = '"><script>alert(1)</script>'

const measured = (value: number, interval: readonly [number, number], count = 200): MeasuredNumber => ({
  value,
  interval,
  better: 'max',
  count,
})

const matrix: Section = {
  title: 'Confusion matrix',
  note: 'Rows are labels, columns predictions.',
  body: htmlTable(
    {
      columns: ['label', ...Array.from({ length: 30 }, (_, i) => `class${i}`)].map((title) => ({ title })),
      rows: [['class0', ...Array.from({ length: 30 }, (_, i) => 1000 + i)]],
    },
    { scrolls: true },
  ),
}

const failures: Section = {
  title: 'Hardest queries',
  body: html`${pictureGrid([
    {
      query: { caption: markupText },
      retrieved: [{ rank: 1, similarity: 0.5, correct: false, caption: `a${'very'.repeat(40)}longword` }],
    },
  ])}<h2>Of an evaluator</h2>`,
}

const zeroShot = (accuracy: MeasuredNumber): EvaluatorFindings => ({
  metrics: { accuracy, meanSquaredError: { value: 0.25, better: 'min', count: 200 } },
  headline: ['accuracy'],
  sections: [matrix],
})

const style = measured(0.9, [0.85, 0.94])
const concepts = measured(0.3, [0.24, 0.37], 1660)
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** What a suite found of a model on two data sets, with what is long, wide and in need of escaping. */
export const exampleEvaluation: EvaluationReport = {
  suite: 'emoji',
  directory: `runs/${markupText}`,
  tests: {
    heldOutStyle: {
      zeroShot: zeroShot(style),
      retrieval: {
        metrics: { 'imageToText.R@1': measured(44.7, [42.3, 47.1]), color: measured(0.25, [0.125, 0.375]) },
        samples: { color: { values: [1, 0, 0, Number.NaN] } },
        headline: ['imageToText.R@1'],
        figures: [{ label: 'Gallery', value: '1,660' }],
        sections: [failures],
      },
    },
    heldOutConcepts: { zeroShot: zeroShot(concepts) },
  },
  aggregate: {
    'zeroShot/accuracy': {
      mean: 0.6,
      worst: { test: 'heldOutConcepts', measured: concepts },
      spread: 0.4243,
      tests: 2,
    },
    'retrieval/imageToText.R@1': {
      mean: 44.7,
      worst: { test: 'heldOutStyle', measured: measured(44.7, [42.3, 47.1]) },
      tests: 1,
    },
  },
  provenance: {
    model: { 'model.safetensors': sha256 },
    data: { heldOutStyle: { sha256, samples: 200 }, heldOutConcepts: { sha256, samples: 1660 } },
    versions: { visuomotor: '0.4.0', node: '20.19.0' },
    seed: 7,
    command: ['evaluate', 'runs/emoji', '--suite', "it's mine.json"],
  },
}

/** Two models on one data set, of which each is better by one metric. */
export const exampleComparison: ComparisonReport = {
  suite: 'emoji',
  models: ['runs/first', 'runs/second'],
  tests: {
    heldOutStyle: {
      zeroShot: {
        headline: ['accuracy', 'f1', 'meanSquaredError'],
        metrics: {
          margin: { first: measured(0.5, [0.25, 0.75]), second: measured(0.75, [0.5, 1]) },
          accuracy: {
            first: style,
            second: measured(0.93, [0.89, 0.96]),
            paired: {
              difference: 0.03,
              interval: [0.01, 0.05],
              pairs: 200,
              mcNemar: { onlyFirst: 2, onlySecond: 8, p: 0.0004 },
            },
          },
          meanSquaredError: {
            first: { value: 0.25, better: 'min', count: 200 },
            second: { value: 0.5, better: 'min', count: 200 },
            paired: { difference: 0.25, interval: [0.125, 0.375], pairs: 200 },
          },
          f1: {
            first: style,
            second: style,
            paired: { difference: 0, interval: [-0.02, 0.02], pairs: 200 },
          },
        },
      },
    },
  },
  sections: { heldOutStyle: [failures] },
}

const shapes = { kind: 'folder', directory: 'shapes' }

/** A run of 40 steps with a validation at every tenth. */
export const exampleRun = (name: string, changes: Partial<ComparedRun> = {}): ComparedRun => ({
  name,
  objective: 'contrastive',
  batchSize: 32,
  epochs: 4,
  monitor: 'imageToText.R@1',
  directions: { 'imageToText.R@1': 'max' },
  validation: shapes,
  tests: { shapes },
  config: { name, seed: 7, model: { width: 192 } },
  metrics: Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    epoch: (i + 1) / 10,
    loss: 5 - i / 10,
    samplesPerSecond: 640,
    ...(i % 10 === 9 && { validation: { loss: 4 - i / 10, imageToText: { 'R@1': i } } }),
  })),
  summary: {
    name,
    steps: 40,
    samplesPerSecond: 512,
    dataWaitFraction: 0.02,
    peakMemoryBytes: 8e8,
    trainSeconds: 75,
    totalSeconds: 80,
    badSamples: 0,
    best: { step: 40, value: 39 },
    results: { shapes: { imageToText: { 'R@1': 41.5 }, gallery: 24 } },
  },
  ...changes,
})

/** Three runs: one like the others but for its seed, one of another objective, which is not finished. */
export function exampleRuns(): readonly ComparedRun[] {
  const better = exampleRun('second', { config: { name: 'second', seed: 8, model: { width: 192 } } })
  const { summary: _, ...unfinished } = exampleRun('third', { objective: 'masked', batchSize: 64 })
  return [
    exampleRun('first'),
    {
      ...better,
      summary: { ...better.summary!, results: { shapes: { imageToText: { 'R@1': 52 }, words: 9 } } },
    },
    { ...unfinished, metrics: unfinished.metrics.slice(0, 20) },
  ]
}

const studyTrial = (number: number, more: Partial<ShownTrial>): ShownTrial => {
  const width = [96, 192, 384][number % 3]!
  const quality = 40 + 10 * Math.sqrt(number) + width / 40
  return {
    number,
    origin: number === 0 ? 'recipe' : 'sampler',
    values: {
      'model.vision_config.hidden_size': width,
      'optimizer.learningRate': 10 ** (-4 + (number % 7) / 2),
      'model.vision_config.hidden_act': number % 2 === 0 ? 'gelu' : markupText,
    },
    state: 'finished',
    reports: [3, 6, 9, 12].map((resource) => ({ resource, value: quality * (1 - 0.6 ** resource) })),
    measured: { quality, latency: 0.2 + width / 300, parameters: width * 1000, alone: 1 },
    seconds: 60 + number,
    ...more,
  }
}

/** A study with trials in every state. */
export const exampleStudy: ShownStudy = {
  name: 'Search of emoji-search',
  settings: 'Chosen by tpe, stopped by asha, one in 4 goes on, seed 7',
  metric: 'imageToText.R@1',
  objectives: [
    { name: 'quality', direction: 'max' },
    { name: 'latency', direction: 'min' },
    { name: 'parameters', direction: 'min' },
  ],
  trials: [
    ...Array.from({ length: 14 }, (_, number) => studyTrial(number, {})),
    studyTrial(14, {
      state: 'stopped',
      reports: [{ resource: 3, value: 21 }],
      measured: { latency: 1 },
      reason: 'worse than others at its validation',
    }),
    studyTrial(15, {
      state: 'failed',
      reports: [],
      measured: {},
      reason: `[training/not-finite] ${markupText}`,
    }),
    studyTrial(16, {
      state: 'refused',
      reports: [],
      measured: {},
      seconds: 0,
      reason: '5 heads do not divide a width of 96',
    }),
    studyTrial(17, { state: 'running', reports: [], measured: {} }),
  ],
  paths: ['model.vision_config.hidden_size', 'optimizer.learningRate', 'model.vision_config.hidden_act'],
  front: [11, 13, 12, 9],
  importance: [
    { path: 'model.vision_config.hidden_size', share: 0.61, trials: 14 },
    { path: 'optimizer.learningRate', share: 0.04, trials: 14 },
  ],
  findings: [
    "trial 12 is not worse than the recipe's own values, at 61 % of their latency, by one seed each",
  ],
  commands: {
    11: 'npx visuomotor train emoji-search --set model.projection_dim=64',
    12: 'b',
    13: 'c',
    9: 'd',
  },
}

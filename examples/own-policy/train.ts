import { cosine, imitation, muon, normalize, policy, train } from 'visuomotor'

const directory = 'data/few'

const run = await train({
  name: 'finder',
  generate: { kind: 'tabletop', directory, scenes: 2000, setting: 'table' },
  data: { kind: 'tabletop', directory },
  validation: { data: { kind: 'tabletop', directory, split: 'validation' } },
  tests: { heldOutPhrasings: { kind: 'tabletop', directory, split: 'heldOutPhrasings' } },
  augment: [normalize({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] })],
  model: policy({
    image: { size: 64, patch: 8, width: 128, depth: 3, heads: 4 },
    text: { length: 24, width: 128, depth: 1, heads: 4 },
    fusion: { width: 128, depth: 2, heads: 4 },
    heads: {
      find: { kind: 'detection', box: 'box', category: 'category', classes: 6 },
      take: { kind: 'pose', label: 'grasp' },
    },
    glances: 2,
    shared: 256,
  }),
  objective: imitation({ weighting: { kind: 'uncertainty' }, grounding: { label: 'box' } }),
  optimizer: muon({ learningRate: 2e-3 }),
  schedule: cosine({ warmupSteps: 30 }),
  batches: { size: 128, groupImages: true },
  epochs: 10,
})
await run.export('finder')

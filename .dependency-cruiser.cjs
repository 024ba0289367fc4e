// The walls of the house: floors count upward, imports go down. See docs/architecture.md.
const floors = [
  ['core'],
  ['data', 'metrics', 'report', 'graph'],
  ['world', 'engine', 'nn', 'losses', 'optim'],
  ['models'],
  ['deploy'],
  ['training'],
  ['evaluation'],
  ['compression'],
  ['recipes'],
  ['cli'],
]
const room = (name) => `^src/${name}/`
const tests = '\\.test\\.ts$'

// The top floor has nothing above it, and a rule without paths would forbid everything.
const upward = floors.slice(0, -1).flatMap((rooms, floor) =>
  rooms.map((name) => ({
    name: `no-way-up-from-${name}`,
    comment: `src/${name} stands on floor ${floor + 1}: it may import from floors below only`,
    severity: 'error',
    from: { path: room(name), pathNot: tests },
    to: {
      path: floors
        .slice(floor)
        .flat()
        .filter((other) => other !== name)
        .map(room),
    },
  })),
)

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'only-engine-sees-onnxruntime',
      comment: 'sessions are the engine room’s business; everyone else passes graphs',
      severity: 'error',
      from: { path: '^src/', pathNot: [room('engine'), tests] },
      to: { path: ['onnxruntime', 'koffi'] },
    },
    {
      name: 'data-and-world-emit-host-arrays',
      severity: 'error',
      from: { path: [room('data'), room('world')], pathNot: tests },
      to: { path: room('graph') },
    },
    {
      name: 'losses-never-see-models',
      severity: 'error',
      from: { path: room('losses'), pathNot: tests },
      to: { path: [room('models'), room('nn')] },
    },
    {
      name: 'trainer-knows-only-a-task',
      comment: 'in training/ only the tasks see models and losses',
      severity: 'error',
      from: { path: room('training'), pathNot: [`${room('training')}tasks/`, tests] },
      to: { path: [room('models'), room('losses')] },
    },
    {
      name: 'a-robot-loads-no-training-code',
      comment: 'what a bundle is run with needs no sources, no loader, no simulation and no pages',
      severity: 'error',
      from: { path: '^src/deploy/(index|servers/index)\\.ts$' },
      to: {
        path: [
          '^src/data/(sources|inspection|preview|mix|selection)/',
          '^src/data/(index|loader|loader-worker|prepare|worker-pool)\\.ts$',
          room('world'),
          room('report'),
          'node_modules/(hyparquet|hyparquet-compressors|tar-stream|csv-parse|@mujoco|three|vega|vega-lite|@resvg|tsx|commander|cli-progress)/',
        ],
        pathNot: '^src/data/sources/bad-sample\\.ts$',
        reachable: true,
      },
    },
    {
      name: 'not-to-dev-dependencies',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}

import { describe, expect, it, test } from 'vitest'
import { policyConfig } from './config.ts'
import { policyFamily } from './family.ts'

const arm = [
  { name: 'shoulder', limits: [-1, 1] as const },
  { name: 'elbow' }, // turns freely
]
const config = policyConfig.parse({
  heads: {
    grasping: { kind: 'pose', label: 'grasp' },
    manipulation: { kind: 'joints', label: 'joints', length: 2 },
    sorting: { kind: 'classification', label: 'category', classes: 2 },
  },
})

const sourceOf = (joints: readonly (readonly number[])[], described: typeof arm | undefined = arm) => ({
  name: 'shelf',
  labels: { joints: { kind: 'joints', length: 2, joints: described } } as const,
  classNames: { category: ['cup', 'box'] },
  async *samples() {
    for (const [i, values] of joints.entries())
      yield {
        id: `${i}`,
        image: { bytes: new Uint8Array() },
        captions: ['go'],
        origin: { file: 'shelf' },
        labels: { joints: values, grasp: [i, 0, 0, 0, 0, 0] },
      }
  },
})
const complete = (source: ReturnType<typeof sourceOf>) => policyFamily.complete!(config, source, {})

describe('the config of a policy', () => {
  it('takes names and limits of the joints from the training data', async () => {
    const { heads } = await complete(
      sourceOf([
        [0, 1],
        [2, 3],
      ]),
    )
    expect(heads.manipulation).toMatchObject({ joints: arm, mean: [1, 2], scale: 1 })
    expect(policyConfig.parse({ heads })).toMatchObject({ heads })
  })

  it('keeps those of its recipe, and none of data with another number of joints', async () => {
    const own = [{ name: 'a' }, { name: 'b' }]
    const given = policyConfig.parse({
      ...config,
      heads: { ...config.heads, manipulation: { ...config.heads.manipulation, joints: own } },
    })
    const { heads } = await policyFamily.complete!(
      given,
      sourceOf([
        [0, 1],
        [2, 3],
      ]),
      {},
    )
    expect(heads.manipulation).toMatchObject({ joints: own })
    const three = await complete(
      sourceOf(
        [
          [0, 1],
          [2, 3],
        ],
        [...arm, { name: 'wrist' }],
      ),
    )
    expect(three.heads.manipulation).not.toHaveProperty('joints')
  })

  it('says in config.json what each label means on the robot', async () => {
    const file = policyFamily.configFile(
      await complete(
        sourceOf([
          [0, 1],
          [2, 3],
        ]),
      ),
    )
    expect(file).toMatchObject({
      actions: {
        grasp: {
          head: 'grasping',
          kind: 'pose',
          unit: ['m', 'm', 'm', 'rad', 'rad', 'rad'],
          frame: expect.stringMatching(/^robot/),
        },
        joints: { head: 'manipulation', kind: 'joints', unit: 'rad', joints: arm },
        category: { head: 'sorting', kind: 'class', classNames: ['cup', 'box'] },
      },
    })
  })

  test.each([
    [[{ name: 'a' }], /as many joints as `length` says/],
    [[{ name: 'a' }, { name: 'a' }], /one name of its own/],
    [[{ name: 'a', limits: [1, 1] }, { name: 'b' }], /lowest position must be below/],
  ])('refuses the joints %j', (joints, message) => {
    const manipulation = { kind: 'joints', label: 'joints', length: 2, joints }
    expect(() => policyConfig.parse({ heads: { manipulation } })).toThrow(message)
  })
})

describe('labels that nothing can be scaled by are refused before training', () => {
  test('without spread', async () => {
    await expect(
      complete(
        sourceOf([
          [1, 2],
          [1, 2],
        ]),
      ),
    ).rejects.toMatchObject({
      code: 'config/label',
      message: expect.stringMatching(/heads\.manipulation: the label 'joints' of shelf has no spread/),
    })
  })

  test('not finite', async () => {
    await expect(
      complete(
        sourceOf([
          [1, Number.NaN],
          [1, 2],
        ]),
      ),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/has the mean NaN/),
    })
  })
})

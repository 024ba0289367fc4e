import { expect, it } from 'vitest'
import { membersOf } from '../../test/training/members.ts'
import { alone, lead, sumNumbers } from './communicator.ts'
import { exchangeReports } from './members-agree.ts'

it('leaves work to rank 0 and gives its result to all', async () => {
  let times = 0
  const work = async () => ({ count: ++times, missing: Number.NaN })
  const results = await Promise.all(membersOf(3).map((member) => lead(member, work)))
  expect(results).toEqual(Array(3).fill({ count: 1, missing: Number.NaN }))
  expect(await lead(alone, work)).toEqual({ count: 2, missing: Number.NaN })
})

it('sums numbers by their names', async () => {
  const sums = await Promise.all(
    membersOf(3).map((member) => sumNumbers({ loss: member.rank, words: 1 }, member)),
  )
  expect(sums).toEqual(Array(3).fill({ loss: 3, words: 3 }))
})

it('ends all when one is asked, and refuses gradients that differ', async () => {
  const report = { gradientNorm: 0.5, samples: 4, asked: false }
  const asked = membersOf(2).map((member) =>
    exchangeReports({ ...report, asked: member.rank === 1 }, 1, member),
  )
  expect(await Promise.all(asked)).toEqual(Array(2).fill({ samples: 8, asked: true }))
  const apart = membersOf(2).map((member) =>
    exchangeReports({ ...report, gradientNorm: 0.5 + member.rank * 1e-9 }, 7, member),
  )
  for (const result of await Promise.allSettled(apart))
    expect(result).toMatchObject({ reason: { code: 'mpi/diverged', facts: { step: 7 } } })
})

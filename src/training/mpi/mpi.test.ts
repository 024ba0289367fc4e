import { expect, it } from 'vitest'
import { alone } from '../communicator.ts'
import { launchOf, withoutLaunch } from './launch.ts'
import { findLibrary } from './library.ts'
import { openCommunicator } from './open-communicator.ts'

it('knows the launchers by what they tell a process', () => {
  expect(launchOf({})).toBeUndefined()
  expect(launchOf({ SLURM_NTASKS: '4', SLURM_PROCID: '0' })).toBeUndefined()
  expect(launchOf({ OMPI_COMM_WORLD_SIZE: '1' })).toBeUndefined()
  expect(launchOf({ OMPI_COMM_WORLD_SIZE: '2', PMIX_RANK: '1' })).toEqual({ size: 2, kind: 'Open MPI' })
  expect(launchOf({ PMI_SIZE: '4', PMI_RANK: '0' })).toEqual({ size: 4, kind: 'MPICH' })
  expect(launchOf({ PMI_SIZE: '4', PMI_RANK: '0', SLURM_NTASKS: '4' })).toEqual({ size: 4, kind: undefined })
  expect(launchOf({ PMIX_RANK: '3', SLURM_NTASKS: '8' })).toEqual({ size: 8, kind: 'Open MPI' })
  expect(openCommunicator(undefined)).toBe(alone)
})

it('hides a launch from processes of their own', () => {
  const launched = {
    OMPI_COMM_WORLD_SIZE: '2',
    PMIX_RANK: '0',
    PMI_SIZE: '2',
    PATH: '/bin',
    SLURM_STEP_NUM_TASKS: '2',
  }
  expect(withoutLaunch(launched)).toEqual({ PATH: '/bin' })
})

it('refuses tasks of srun that have no place to meet, and no others', () => {
  expect(() => openCommunicator(undefined, { SLURM_STEP_NUM_TASKS: '4' })).toThrow(
    expect.objectContaining({ code: 'mpi/launcher', message: expect.stringMatching(/4 tasks .*--mpi=pmix/) }),
  )
  expect(openCommunicator(undefined, { SLURM_STEP_NUM_TASKS: '1', SLURM_NTASKS: '4' })).toBe(alone)
  expect(openCommunicator(undefined, { SLURM_STEP_NUM_TASKS: '4', OMPI_COMM_WORLD_SIZE: '1' })).toBe(alone)
})

it('says what to install where the library is missing, and which file was named', () => {
  const launch = { kind: 'Open MPI' } as const
  expect(() => findLibrary(launch, '/nowhere/libmpi.so')).toThrow(
    expect.objectContaining({
      code: 'mpi/library',
      message: expect.stringMatching(/VISUOMOTOR_MPI names \/nowhere\/libmpi\.so.*apt install/s),
    }),
  )
})

it.runIf(process.platform === 'linux')('refuses a library of something else', () => {
  expect(() => openCommunicator({ size: 2, kind: 'MPICH' }, { VISUOMOTOR_MPI: 'libm.so.6' })).toThrow(
    expect.objectContaining({
      code: 'mpi/library',
      message: expect.stringMatching(/^libm\.so\.6 is no MPI library .*VISUOMOTOR_MPI/),
    }),
  )
})

it('refuses a time that is none', () => {
  expect(() => openCommunicator({ size: 2, kind: 'MPICH' }, { VISUOMOTOR_MPI_TIMEOUT: 'soon' })).toThrow(
    expect.objectContaining({ code: 'mpi/timeout' }),
  )
})

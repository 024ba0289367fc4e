import { spawnSync } from 'node:child_process'
import { availableDevices, onnxruntimeVersion } from '../../engine/index.ts'
import { formatNumber } from '../../report/index.ts'
import { installedMpi } from '../../training/index.ts'
import { reportOf, withoutPlace } from '../device-report.ts'
import { type Finding, ok } from './finding.ts'

/** ONNX Runtime, and the devices that it has an execution provider for: each multiplies matrices once. */
export async function deviceFindings(): Promise<Finding[]> {
  const runtime = 'ONNX Runtime'
  try {
    const findings = [ok(runtime, onnxruntimeVersion())]
    for (const name of availableDevices()) findings.push(await deviceFinding(name))
    return findings
  } catch (error) {
    return [{ name: runtime, state: 'fails', text: (error as Error).message }]
  }
}

async function deviceFinding(name: Parameters<typeof reportOf>[0]): Promise<Finding> {
  const { gflops, problem = 'does not work' } = await reportOf(name)
  if (gflops !== undefined)
    return ok(name, `works, ${formatNumber(gflops, 1)} GFLOP/s in a product of matrices`)
  const needsVulkan = name === 'webgpu' && process.platform === 'linux'
  return {
    ...{ name, state: 'missing', text: withoutPlace(problem) },
    ...(needsVulkan && {
      remedy: 'the driver of the GPU and apt install libvulkan1; mesa-vulkan-drivers computes in software',
    }),
  }
}

/** The MPI library that `mpirun` would find here. */
export function mpiFinding(environment: NodeJS.ProcessEnv = process.env): Finding {
  const found = installedMpi(environment)
  if (typeof found === 'string') {
    const remedy = 'apt install openmpi-bin, or apt install mpich, or VISUOMOTOR_MPI=/path/to/libmpi.so'
    return { name: 'MPI', state: 'missing', text: found, remedy }
  }
  const { path, version, abi } = found
  if (abi) return ok('MPI', `${version} (${path}), the ABI of ${abi}`)
  return { name: 'MPI', state: 'fails', text: `${version} (${path}), neither Open MPI nor MPICH` }
}

/** The program that decodes and encodes videos of data sets; two optional packages decode without it. */
export function ffmpegFinding(): Finding {
  const name = 'ffmpeg'
  const { status, stdout } = spawnSync('ffmpeg', ['-version'], { encoding: 'utf8' })
  if (status === 0) return ok(name, /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'version unknown')
  return {
    name,
    state: 'missing',
    text: 'not on the path (videos of data sets)',
    remedy: 'apt install ffmpeg, or npm install node-av mediabunny',
  }
}

import { cpus } from 'node:os'
import type { Command } from 'commander'
import { version } from '../core/index.ts'
import { availableDevices, onnxruntimeVersion } from '../engine/index.ts'
import { type Table, textTable } from '../report/index.ts'
import { type DeviceReport, reportOf, withoutPlace } from './device-report.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'

/** `visuomotor devices` */
export function registerDevices(program: Command, output: Output): void {
  program
    .command('devices')
    .description('where models can run on this machine, and how fast')
    .addOption(jsonOption())
    .action(async ({ json }: { json?: true }) => {
      const devices: DeviceReport[] = []
      for (const name of availableDevices()) devices.push(await reportOf(name))
      const versions = {
        visuomotor: version(),
        onnxruntime: onnxruntimeVersion(),
        node: process.versions.node,
      }
      const machine = `${process.platform}-${process.arch}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`
      if (json) {
        output.result(JSON.stringify({ devices, versions, machine }, undefined, 2))
        return
      }
      output.result(textTable(tableOf(devices)))
      output.note(
        Object.entries(versions)
          .map((entry) => entry.join(' '))
          .join(', '),
      )
      output.note(machine)
    })
}

const tableOf = (devices: readonly DeviceReport[]): Table => ({
  columns: [{ title: 'Device' }, { title: 'GFLOP/s', digits: 2 }, { title: 'Note' }],
  rows: devices.map(({ name, gflops, problem = '' }) => [name, gflops, withoutPlace(problem)]),
})

#!/usr/bin/env node
import { processOutput } from './output.ts'
import { runProgram } from './program.ts'

// A reader that stops early, as `| head` does, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runProgram(process.argv.slice(2), processOutput)

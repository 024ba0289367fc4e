/** A line for whoever watches; standard output is for results. */
export const progress = (line: string): void => void process.stderr.write(`${line}\n`)

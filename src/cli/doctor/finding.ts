/** One thing that was looked for on this machine. */
export interface Finding {
  readonly name: string
  /** `ok`: there; `missing`: not there, which is no error; `fails`: there, and does not work. */
  readonly state: 'ok' | 'missing' | 'fails'
  /** Version, size or reason, in words. */
  readonly text: string
  /** Command or advice that brings what is missing. */
  readonly remedy?: string
}

/** Findings of one kind, under a title. */
export interface Section {
  readonly title: string
  readonly findings: readonly Finding[]
}

export const ok = (name: string, text: string): Finding => ({ name, state: 'ok', text })

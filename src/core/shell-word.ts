/** A word of a command to copy: in quotes where a shell would take it apart. */
export const shellWord = (text: string): string => (/^[\w./@-]+$/.test(text) ? text : JSON.stringify(text))

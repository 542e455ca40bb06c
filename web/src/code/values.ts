/** What the code of a program is filled in with. */
export interface Values {
  /** The server as customers reach it, without a slash at its end. */
  url: string
  app: { id: string; name: string; ownerId: string; version: string; clientKey: string; compatKey: string }
  license: string
}

export interface Language {
  id: string
  name: string
  /** What the program needs beside the language itself; '' for nothing. */
  needs: string
  code: (v: Values) => string
}

/** A text as C#, C++, Go, JavaScript and Python write it, quotes included. */
export const quoted = (text: string) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A text as a shell takes it literally. */
export const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

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

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')

/** A text as C#, C++, Go and Python write it, quotes included. */
export const quoted = (text: string) =>
  JSON.stringify(text).replace(/[\u007f-\u{10ffff}]/gu, (c) => {
    const point = c.codePointAt(0) ?? 0
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`
  })

/** A text as JavaScript and Java write it, quotes included. */
export const quotedForJavaScript = (text: string) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${hex(c.charCodeAt(0), 4)}`)

/** A text as PHP takes it literally. */
export const quotedForPHP = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`

/** A text as Rust writes it, quotes included. */
export const quotedForRust = (text: string) =>
  `"${text.replace(/["\\]/g, '\\$&').replace(/[^\u0020-\u007e]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`)}"`

/** A text as a shell takes it literally. */
export const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

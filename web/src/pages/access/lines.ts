/** The first cell of each row of a CSV file, a row a line: what stands there is a value, and errors name the row. */
export function firstCells(csv: string): string {
  return csv
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((row, i) => {
      const quoted = /^\s*"((?:[^"]|"")*)"/.exec(row)
      const cell = (quoted ? (quoted[1] ?? '').replaceAll('""', '"') : (row.split(/[,;\t]/)[0] ?? '')).trim()
      // A title is no value.
      return i === 0 && /^(value|ip|address|hwid|country|asn|network|cidr)$/i.test(cell) ? '' : cell
    })
    .join('\n')
}

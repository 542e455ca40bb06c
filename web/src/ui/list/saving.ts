import { cell } from '../csv'
import { pagesOf, type Read } from './reading'

export type Format = 'csv' | 'json'

/** How a list is saved whole, page after page as the server gives it. */
export interface Save<T> {
  /** Begins the name of the file. */
  name: string
  /** The columns of a CSV file, as the API calls them; JSON has all that the API gives. */
  fields: (keyof T & string)[]
  read: Read<T>
}

/** The file of a whole list. report hears how many rows have been read. */
export async function written<T>({ fields, read }: Save<T>, format: Format, report: (rows: number, total?: number) => void, signal: AbortSignal): Promise<{ parts: string[]; rows: number }> {
  const parts = [format === 'csv' ? fields.join(',') + '\r\n' : '[']
  let rows = 0
  for await (const page of pagesOf(read, signal)) {
    if (format === 'csv') parts.push(page.rows.map((row) => fields.map((f) => csv(row[f])).join(',') + '\r\n').join(''))
    else if (page.rows.length > 0) parts.push(rows === 0 ? '\n' : ',\n', page.rows.map((row) => JSON.stringify(row)).join(',\n'))
    rows += page.rows.length
    report(rows, page.total)
  }
  if (format === 'json') parts.push('\n]\n')
  return { parts, rows }
}

function csv(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : cell(typeof value === 'string' ? value : JSON.stringify(value))
}

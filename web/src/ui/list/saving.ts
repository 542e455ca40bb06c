import { isProblem } from '@/api/problem'
import { cell } from '../csv'
import type { Rows } from './DataList'

export type Format = 'csv' | 'json'

/** How a list is saved whole, page after page as the server gives it. */
export interface Save<T> {
  /** Begins the name of the file. */
  name: string
  /** The columns of a CSV file, as the API calls them; JSON has all that the API gives. */
  fields: (keyof T & string)[]
  /** Reads a page of what the list shows now: with its search, filters and sort. */
  read: (at: { limit: number; cursor: string }, signal: AbortSignal) => Promise<Rows<T>>
}

const limit = 1000 // rows at once: the most that the API gives
const busy = [429, 503] // statuses after which waiting helps

/** The file of a whole list. report hears how many rows have been read. */
export async function written<T>({ fields, read }: Save<T>, format: Format, report: (rows: number, total?: number) => void, signal: AbortSignal): Promise<{ parts: string[]; rows: number }> {
  const parts = [format === 'csv' ? fields.join(',') + '\r\n' : '[']
  let rows = 0
  let cursor = ''
  do {
    const page = await patiently(() => read({ limit, cursor }, signal), signal)
    if (format === 'csv') parts.push(page.rows.map((row) => fields.map((f) => csv(row[f])).join(',') + '\r\n').join(''))
    else if (page.rows.length > 0) parts.push(rows === 0 ? '\n' : ',\n', page.rows.map((row) => JSON.stringify(row)).join(',\n'))
    rows += page.rows.length
    report(rows, page.total)
    cursor = page.next ?? ''
  } while (cursor)
  if (format === 'json') parts.push('\n]\n')
  return { parts, rows }
}

function csv(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : cell(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Asks again after what the server says it needs, where it has been asked too much. */
async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await ask()
    } catch (e) {
      if (!isProblem(e) || !busy.includes(e.status) || e.retryAfter === 0) throw e
      await pause(e.retryAfter * 1000, signal)
    }
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((go) => {
    const timer = setTimeout(go, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      go()
    })
  })

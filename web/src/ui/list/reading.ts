import { isProblem } from '@/api/problem'
import type { Rows } from './DataList'

/** Reads a page of what a list shows now: with its search, filters and sort. */
export type Read<T> = (at: { limit: number; cursor: string }, signal: AbortSignal) => Promise<Rows<T>>

const limit = 1000 // rows at once: the most that the API gives
const busy = [429, 503] // statuses after which waiting helps

/** Every page of a list, one after the other. */
export async function* pagesOf<T>(read: Read<T>, signal: AbortSignal): AsyncGenerator<Rows<T>> {
  let cursor = ''
  do {
    const at = { limit, cursor }
    const page = await patiently(() => read(at, signal), signal)
    yield page
    cursor = page.next ?? ''
  } while (cursor)
}

/** All rows of a list. */
export async function everyRow<T>(read: Read<T>, signal: AbortSignal): Promise<T[]> {
  const rows: T[] = []
  for await (const page of pagesOf(read, signal)) rows.push(...page.rows)
  return rows
}

/** Asks again after what the server says it needs, where it has been asked too much. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
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

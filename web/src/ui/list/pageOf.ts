import type { Rows } from './DataList'
import type { Shown } from './useListState'

/** The page that is shown of a list that is here as a whole, as a server would answer it. */
export function pageOf<T>(all: T[], { cursor, limit }: Pick<Shown, 'cursor' | 'limit'>): Rows<T> {
  const from = Number(cursor || 0)
  const to = from + limit
  return { rows: all.slice(from, to), next: to < all.length ? String(to) : undefined, total: all.length }
}

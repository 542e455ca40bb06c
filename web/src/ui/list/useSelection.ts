import { useCallback, useMemo, useState } from 'react'

/** What a bulk action is about: rows that were picked, or all that the list's search and filters leave. */
export type Selected<T> = { kind: 'rows'; rows: T[] } | { kind: 'all' }

export interface Selection<T> {
  /** Rows of this page that are picked. */
  onPage: T[]
  count: number
  everything: boolean
  value: Selected<T>
  pick: (rows: T[]) => void
  all: () => void
  clear: () => void
}

/** Keeps what is picked over several pages; scope says what it depends on: with another search it is over. */
export function useSelection<T>(page: T[], id: (row: T) => string, scope: string): Selection<T> {
  const [state, setState] = useState<{ scope: string; rows: Map<string, T>; everything: boolean }>({ scope, rows: new Map(), everything: false })
  const { rows, everything } = state.scope === scope ? state : { rows: new Map<string, T>(), everything: false }

  const pick = useCallback(
    (picked: T[]) => {
      setState((old) => {
        const next = new Map(old.scope === scope ? old.rows : [])
        for (const row of page) next.delete(id(row))
        for (const row of picked) next.set(id(row), row)
        return { scope, rows: next, everything: false }
      })
    },
    [page, id, scope],
  )
  return useMemo(
    () => ({
      onPage: everything ? page : page.filter((row) => rows.has(id(row))),
      count: rows.size,
      everything,
      value: everything ? { kind: 'all' } : { kind: 'rows', rows: [...rows.values()] },
      pick,
      all: () => {
        setState({ scope, rows: new Map(), everything: true })
      },
      clear: () => {
        setState({ scope, rows: new Map(), everything: false })
      },
    }),
    [rows, everything, page, id, scope, pick],
  )
}

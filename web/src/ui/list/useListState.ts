import { useLocation, useNavigate } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'

// What a list shows stands in the address, so that it can be kept, shared and
// gone back to: q, sort, limit, cursor, and each filter under its own name. The
// way to the page, which only the way back needs, stands in the history beside it.

export type Params = Record<string, string | undefined>

/** What a list shows. */
export interface Shown<F extends string = string> {
  search: string
  filters: Record<F, string>
  /** As the API wants it: created, -created. */
  sort: string
  limit: number
  cursor: string
}

export interface ListState<F extends string = string> extends Shown<F> {
  /** 0, 1, 2, …; undefined if the page was come to by an address from elsewhere. */
  page: number | undefined
  /** Whether search or a filter leaves something out. */
  narrowed: boolean
  setSearch: (q: string) => void
  // A method: a list takes the state of whatever filters.
  setFilter(name: F, value: string): void
  clear: () => void
  setSort: (sort: string) => void
  setLimit: (limit: number) => void
  next: (cursor: string) => void
  previous: () => void
  first: () => void
}

export interface Config<F extends string = string> {
  filters?: readonly F[]
  /** The first is the default. */
  sorts?: readonly string[]
  limit?: number
}

interface Way {
  cursors?: string[] // of the pages before this one; the first has ''
}

export const pageSizes = [25, 50, 100, 200]

/** What the parameters of an address have a list show. */
export function shownBy<F extends string>({ filters = [], sorts = [], limit = 50 }: Config<F>, params: Params): Shown<F> {
  const asked = Number(params.limit)
  return {
    search: params.q ?? '',
    filters: Object.fromEntries(filters.map((n) => [n, params[n] ?? ''])) as Record<F, string>,
    sort: params.sort && sorts.includes(params.sort) ? params.sort : (sorts[0] ?? ''),
    limit: pageSizes.includes(asked) ? asked : limit,
    cursor: params.cursor ?? '',
  }
}

const plain = {}

/** config stands outside of what calls this: another one is another list. */
export function useListState<F extends string>(config: Config<F> = plain): ListState<F> {
  const { sorts = [], limit: usual = 50 } = config
  const location = useLocation()
  const navigate = useNavigate()
  const params = location.search as Params
  const way = location.state as Way
  const go = useCallback(
    (change: Params, cursors: string[] | undefined, replace = false) => {
      void navigate({
        to: '.',
        search: ((old: Params) => ({ ...old, cursor: undefined, ...change })) as never,
        state: ((old: object) => ({ ...old, cursors })) as never,
        replace,
      })
    },
    [navigate],
  )

  return useMemo(() => {
    const shown = shownBy(config, params)
    const { search, filters, cursor } = shown
    const before = cursor === '' ? [] : way.cursors
    return {
      ...shown,
      page: before?.length,
      narrowed: search !== '' || Object.values(filters).some(Boolean),
      setSearch: (q) => {
        go({ q: q || undefined }, undefined, true)
      },
      setFilter: (name, value) => {
        go({ [name]: value || undefined }, undefined, true)
      },
      clear: () => {
        go({ q: undefined, ...Object.fromEntries(Object.keys(filters).map((n) => [n, undefined])) }, undefined)
      },
      setSort: (sort) => {
        go({ sort: sort === sorts[0] ? undefined : sort }, undefined, true)
      },
      setLimit: (limit) => {
        go({ limit: limit === usual ? undefined : String(limit) }, undefined, true)
      },
      next: (to) => {
        go({ cursor: to }, [...(before ?? []), cursor])
      },
      previous: () => {
        const back = before?.at(-1)
        if (back === undefined) return
        go({ cursor: back || undefined }, before?.slice(0, -1))
      },
      first: () => {
        go({}, undefined)
      },
    }
  }, [config, params, way, go, sorts, usual])
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, type Schema, take } from '@/api/client'
import type { Progress } from '@/api/stream'
import { queryClient } from '@/app/query'
import { inTurn } from '@/ui/EachDialog'
import type { Rows, Shown } from '@/ui/list'

export type Session = Schema['Session']
export const filterNames = ['user'] as const
const sorts = ['-created', 'created'] as const
export const list = { filters: filterNames, sorts }

/** One page of the list. */
export async function readSessions(app: string, state: Shown<(typeof filterNames)[number]>, signal: AbortSignal): Promise<Rows<Session>> {
  const query = { user: state.filters.user || undefined, search: state.search || undefined, sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined }
  const page = await take(api.GET('/apps/{app}/sessions', { params: { path: { app }, query }, signal }))
  return { rows: page.sessions, next: page.next }
}

export const sessionsQuery = (app: string, state: Shown<(typeof filterNames)[number]>) =>
  queryOptions({
    queryKey: ['app', app, 'sessions', 'list', state.search, state.filters, state.sort, state.limit, state.cursor],
    queryFn: ({ signal }) => readSessions(app, state, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })

/** One that is open; of a list that does not show it. */
export const sessionQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'sessions', 'one', id],
    queryFn: ({ signal }) => take(api.GET('/apps/{app}/sessions/{session}', { params: { path: { app, session: id ?? '' } }, signal })),
    enabled: Boolean(id),
  })

const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'sessions'] })

/** Ends sessions one by one; one that has ended meanwhile is as good. */
export const kill = (app: string, sessions: Session[], report: (p: Progress) => void, signal: AbortSignal): Promise<number> =>
  inTurn(sessions, (s) => api.DELETE('/apps/{app}/sessions/{session}', { params: { path: { app, session: s.id } } }), report, signal).finally(() => changed(app))

const perPage = 1000
const counted = 20 // pages: more than anybody reads the number of

/** How many sessions killAll would end; more: and more, which are not counted. */
export async function countAll(app: string, user: string, signal: AbortSignal): Promise<{ n: number; more: boolean }> {
  let n = 0
  let cursor: string | undefined
  for (let i = 0; i < counted; i++) {
    const query = { user: user || undefined, limit: perPage, cursor }
    const page = await take(api.GET('/apps/{app}/sessions', { params: { path: { app }, query }, signal }))
    n += page.sessions.length
    cursor = page.next
    if (!cursor) break
  }
  return { n, more: Boolean(cursor) }
}

/** Ends every session, or every one of a user. */
export async function killAll(app: string, user?: string): Promise<number> {
  try {
    return (await take(api.DELETE('/apps/{app}/sessions', { params: { path: { app }, query: { user: user || undefined } } }))).changed
  } finally {
    await changed(app)
  }
}

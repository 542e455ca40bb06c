import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, type Schema, take } from '@/api/client'
import { queryClient } from '@/app/query'
import type { Rows, Shown } from '@/ui/list'

export type Session = Schema['Session']
export const filterNames = ['user'] as const
export const list = { filters: filterNames }

/** One page of the list. */
export async function readSessions(app: string, state: Shown<(typeof filterNames)[number]>, signal: AbortSignal): Promise<Rows<Session>> {
  const query = { user: state.filters.user || undefined, limit: state.limit, cursor: state.cursor || undefined }
  const page = await take(api.GET('/apps/{app}/sessions', { params: { path: { app }, query }, signal }))
  return { rows: page.sessions, next: page.next }
}

export const sessionsQuery = (app: string, state: Shown<(typeof filterNames)[number]>) =>
  queryOptions({
    queryKey: ['app', app, 'sessions', state.filters, state.limit, state.cursor],
    queryFn: ({ signal }) => readSessions(app, state, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })

const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'sessions'] })

/** Ends sessions one by one; one that has ended meanwhile is as good. */
export async function kill(app: string, sessions: Session[], report: (p: { made: number; amount: number }) => void, signal: AbortSignal): Promise<number> {
  let ended = 0
  try {
    for (const s of sessions) {
      signal.throwIfAborted()
      await api.DELETE('/apps/{app}/sessions/{session}', { params: { path: { app, session: s.id } } }).catch((e: unknown) => {
        if (!(e instanceof Error && 'status' in e && e.status === 404)) throw e
      })
      ended++
      report({ made: ended, amount: sessions.length })
    }
    return ended
  } finally {
    await changed(app)
  }
}

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

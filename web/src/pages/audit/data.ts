import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, apiRoot, take } from '@/api/client'
import { appPath } from '@/app/pages'
import type { Rows, Shown } from '@/ui/list'
import { type Event, kindOf } from './sentence'

export const filterNames = ['who', 'actor', 'action', 'target', 'from', 'to'] as const
export const sorts = ['-at', 'at'] as const
export const list = { filters: filterNames, sorts }
export type Filter = (typeof filterNames)[number]
type State = Shown<Filter>

/** A day of a date field, as it begins here. */
const moment = (day: string) => (day && !Number.isNaN(Date.parse(day)) ? new Date(`${day}T00:00:00`).toISOString() : undefined)

const conditions = ({ filters: f, search, sort }: State) => ({
  actor_kind: (f.who || undefined) as 'account' | undefined,
  actor: f.actor || undefined,
  action: f.action || undefined,
  target: f.target || undefined,
  from: moment(f.from),
  to: moment(f.to),
  search: search || undefined,
  sort: sort as (typeof sorts)[number],
})

/** app is '' for the server's own log. */
export const auditQuery = (app: string, state: State) =>
  queryOptions({
    queryKey: [app ? 'app' : 'server', app, 'audit', 'list', state.search, state.filters, state.sort, state.limit, state.cursor],
    queryFn: async ({ signal }): Promise<Rows<Event>> => {
      const query = { ...conditions(state), limit: state.limit, cursor: state.cursor || undefined }
      const page = await take(app ? api.GET('/apps/{app}/audit-events', { params: { path: { app }, query }, signal }) : api.GET('/audit-events', { params: { query }, signal }))
      return { rows: page.audit_events, next: page.next }
    },
    placeholderData: keepPreviousData,
  })

/** Where the browser saves what the list shows. */
export function exportHref(app: string, state: State, format: 'csv' | 'json' | 'ndjson'): string {
  const query = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(conditions(state))) if (value) query.set(name, value)
  return `${apiRoot}${app ? `/apps/${app}` : ''}/audit-events/export?${query.toString()}`
}

// Where what an id names is shown.
const places: Record<string, string> = {
  usr: 'users',
  lic: 'licenses',
  sub: 'subscriptions',
  var: 'variables',
  fil: 'files',
  whk: 'webhooks',
  chn: 'chats',
  tok: 'tokens',
  blk: 'blacklist',
  wht: 'whitelist',
}

/** The address of what an id names, if it is still there. */
export function placeOf(app: string, e: Event, id: string): { to: string; open?: string } | undefined {
  const kind = kindOf(id)
  if (!app || e.names?.[id] === undefined) return undefined
  if (kind === 'app') return { to: appPath(app, 'settings') }
  const page = places[kind]
  return page ? { to: appPath(app, page), open: id } : undefined
}

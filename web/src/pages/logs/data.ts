import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, apiRoot, callName, type Schema, take } from '@/api/client'
import { type Progress, stream } from '@/api/stream'
import { queryClient } from '@/app/query'
import type { Rows, Selected, Shown } from '@/ui/list'

export type Line = Schema['LogLine']
export const filterNames = ['user', 'device'] as const
export const sorts = ['-created', 'created'] as const
export const list = { filters: filterNames, sorts }
type State = Shown<(typeof filterNames)[number]>

const conditions = (state: State) => ({ user: state.filters.user || undefined, device: state.filters.device || undefined, search: state.search || undefined })

export const logsQuery = (app: string, state: State) =>
  queryOptions({
    queryKey: ['app', app, 'logs', 'list', state.search, state.filters, state.sort, state.limit, state.cursor],
    queryFn: async ({ signal }): Promise<Rows<Line>> => {
      const query = { ...conditions(state), sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined }
      const page = await take(api.GET('/apps/{app}/logs', { params: { path: { app }, query }, signal }))
      return { rows: page.logs, next: page.next }
    },
    placeholderData: keepPreviousData,
  })

/** One of a list that does not show it. */
export const lineQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'logs', 'one', id],
    queryFn: ({ signal }) => take(api.GET('/apps/{app}/logs/{log}', { params: { path: { app, log: id ?? '' } }, signal })),
    enabled: Boolean(id),
  })

/** Where the browser saves what the list shows. */
export function exportHref(app: string, state: State, format: 'csv' | 'json' | 'ndjson'): string {
  const query = new URLSearchParams({ format })
  for (const [name, value] of Object.entries(conditions(state))) if (value) query.set(name, value)
  return `${apiRoot}/apps/${app}/logs/export?${query.toString()}`
}

const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'logs'] })

function selection(selected: Selected<Line>, state: State): Schema['DeleteLogs'] {
  if (selected.kind === 'rows') return { ids: selected.rows.map((l) => l.id) }
  const { user, device } = state.filters
  return user || device ? { filter: { user_id: user || undefined, device: device || undefined } } : { all: true }
}

/** Whether the server can delete such a selection: a search it cannot. */
export const deletable = (selected: Selected<Line>, state: State) => selected.kind === 'rows' || state.search === ''

/** How many lines a deletion would take. */
export const countLines = async (app: string, selected: Selected<Line>, state: State, signal: AbortSignal) =>
  ((await take(api.POST('/apps/{app}/logs/delete', { params: { path: { app } }, body: { ...selection(selected, state), dry_run: true }, signal }))) as Schema['LogsChanged']).changed

export async function deleteLines(app: string, selected: Selected<Line>, state: State, report: (p: Progress) => void, signal: AbortSignal): Promise<number> {
  let deleted = 0
  try {
    await stream(`/apps/${app}/logs/delete`, {
      body: JSON.stringify(selection(selected, state)),
      name: callName(),
      signal,
      onProgress: (p) => {
        deleted = p.made
        report(p)
      },
      onLine: (line) => {
        deleted = (JSON.parse(line) as Schema['LogsChanged']).changed
      },
    })
    return deleted
  } finally {
    await changed(app)
  }
}

/** Where lines are posted; null if nowhere. */
export const webhookQuery = (app: string) =>
  queryOptions({
    queryKey: ['app', app, 'log-webhook'],
    queryFn: async ({ signal }) => {
      const now = await take(api.GET('/apps/{app}/log-webhook', { params: { path: { app } }, signal }))
      return now.host ? { ...now, host: now.host } : null
    },
  })

const webhookChanged = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'log-webhook'] })

export async function setWebhook(app: string, url: string) {
  await take(api.PUT('/apps/{app}/log-webhook', { params: { path: { app } }, body: { url } }))
  await webhookChanged(app)
}

export async function removeWebhook(app: string) {
  await api.DELETE('/apps/{app}/log-webhook', { params: { path: { app } } })
  await webhookChanged(app)
}

export const deliveriesQuery = (app: string) =>
  queryOptions({
    queryKey: ['app', app, 'deliveries'],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/deliveries', { params: { path: { app }, query: { limit: 100 } }, signal }))).deliveries,
  })

export async function retryDeliveries(app: string, id?: string): Promise<number> {
  let n = 1
  if (id) await api.POST('/apps/{app}/deliveries/{delivery}/retry', { params: { path: { app, delivery: id } } })
  else n = (await take(api.POST('/apps/{app}/deliveries/retry', { params: { path: { app } } }))).changed
  await queryClient.invalidateQueries({ queryKey: ['app', app, 'deliveries'] })
  return n
}

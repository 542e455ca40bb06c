import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take, takeTagged } from '@/api/client'
import { queryClient } from '@/app/query'
import type { Rows, Selected, Shown } from '@/ui/list'

export type Entry = Schema['AccessEntry']
/** Which of the two lists, as the API's paths call it. */
export type Which = 'blacklists' | 'whitelists'
export const filterNames = ['kind'] as const
const sorts = ['-created', 'created'] as const
export const list = { filters: filterNames, sorts }
type State = Shown<(typeof filterNames)[number]>

/** One page of the list. */
export async function readEntries(app: string, which: Which, state: State, signal: AbortSignal): Promise<Rows<Entry>> {
  const query = { search: state.search || undefined, kind: (state.filters.kind as 'ip') || undefined, sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined }
  const page = await take(api.GET(`/apps/{app}/${which}`, { params: { path: { app }, query }, signal }))
  return { rows: page.entries, next: page.next }
}

export const entriesQuery = (app: string, which: Which, state: State) =>
  queryOptions({
    queryKey: ['app', app, which, 'list', state.search, state.filters, state.sort, state.limit, state.cursor],
    queryFn: ({ signal }) => readEntries(app, which, state, signal),
    placeholderData: keepPreviousData,
  })

const changed = (app: string, which: Which) => queryClient.invalidateQueries({ queryKey: ['app', app, which] })

export async function createEntry(app: string, which: Which, body: Schema['CreateBlacklistEntry']) {
  await take(api.POST(`/apps/{app}/${which}`, { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body: body as never }))
  await changed(app, which)
}

function readEntry(app: string, which: Which, id: string) {
  if (which === 'blacklists') return takeTagged(api.GET('/apps/{app}/blacklists/{blacklist_entry}', { params: { path: { app, blacklist_entry: id } } }))
  return takeTagged(api.GET('/apps/{app}/whitelists/{whitelist_entry}', { params: { path: { app, whitelist_entry: id } } }))
}

export const entryQuery = (app: string, which: Which, id: string | undefined) =>
  queryOptions({ queryKey: ['app', app, which, 'one', id], queryFn: () => readEntry(app, which, id ?? ''), enabled: Boolean(id), gcTime: 0 })

export async function updateEntry(app: string, which: Which, id: string, tag: string, body: Schema['UpdateAccessEntry']) {
  const header = { 'If-Match': tag }
  if (which === 'blacklists') await api.PATCH('/apps/{app}/blacklists/{blacklist_entry}', { params: { path: { app, blacklist_entry: id }, header }, body })
  else await api.PATCH('/apps/{app}/whitelists/{whitelist_entry}', { params: { path: { app, whitelist_entry: id }, header }, body })
  await changed(app, which)
}

/** Deletes entries, or with dry counts them. */
export async function deleteEntries(app: string, which: Which, selected: Selected<Entry>, state: State, dry: boolean, signal?: AbortSignal): Promise<number> {
  const of = selected.kind === 'rows' ? { ids: selected.rows.map((e) => e.id) } : { all: true, kind: state.filters.kind || undefined, search: state.search || undefined }
  const body = { ...of, dry_run: dry || undefined } as never
  const header = { 'Idempotency-Key': callName() }
  const outcome = (await take(api.POST(`/apps/{app}/${which}/delete`, { params: { path: { app }, header: dry ? undefined : header } as never, body, signal }))) as Schema['AccessChanged']
  if (!dry) await changed(app, which)
  return outcome.changed
}

export type Imported = Schema['AccessImported']

export interface Import {
  text: string
  kind: string // of every line; '': as each looks
  reason: string
  expires: string
}

/** Puts every line of a text on a list, or with dry says what would come of it. */
export async function importEntries(app: string, which: Which, { text, kind, reason, expires }: Import, dry: boolean, signal?: AbortSignal): Promise<Imported> {
  const query = { format: 'txt' as const, kind: (kind as 'ip') || undefined, reason: reason || undefined, expires_at: expires || undefined, dry_run: dry || undefined }
  const call = { params: { path: { app }, query }, body: text, bodySerializer: (body: string) => body, signal }
  const report = await take(which === 'blacklists' ? api.POST('/apps/{app}/blacklists/import', call) : api.POST('/apps/{app}/whitelists/import', call))
  if (!dry) await changed(app, which)
  return report
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { bulkAction } from '@/api/bulk'
import { api, apiRoot, type License, type Schema, take } from '@/api/client'
import type { Progress } from '@/api/stream'
import { queryClient } from '@/app/query'
import type { Rows, Selected, Shown } from '@/ui/list'
import { endOfDay, startOfDay } from '@/ui/list/days'

export const filterNames = ['status', 'level', 'created_by', 'created_after', 'created_before'] as const
export type Filters = Record<(typeof filterNames)[number], string>
const sorts = ['-created', 'created', '-used', 'used'] as const
export const list = { filters: filterNames, sorts }

/** What narrows the list, as the API's query and bulk actions take it. */
export function conditions({ search, filters }: { search: string; filters: Filters }): Schema['LicenseConditions'] {
  return {
    search: search || undefined,
    status: (filters.status as License['status']) || undefined,
    level: filters.level ? Number(filters.level) : undefined,
    created_by: filters.created_by || undefined,
    created_after: startOfDay(filters.created_after),
    created_before: endOfDay(filters.created_before),
  }
}

/** How the list is sorted: by when they were used only those that are. */
export const sortOf = ({ sort, filters }: Pick<Shown<keyof Filters>, 'sort' | 'filters'>) => (sort.endsWith('used') && filters.status !== 'used' ? '-created' : sort) as (typeof sorts)[number]

export const licensesQuery = (app: string, state: Shown<(typeof filterNames)[number]>) =>
  queryOptions({
    queryKey: ['app', app, 'licenses', 'list', conditions(state), sortOf(state), state.limit, state.cursor],
    queryFn: async ({ signal }): Promise<Rows<License> & { counts: Schema['LicenseCounts'] }> => {
      const page = await take(
        api.GET('/apps/{app}/licenses', {
          params: {
            path: { app },
            query: { ...conditions(state), sort: sortOf(state), limit: state.limit, cursor: state.cursor || undefined },
          },
          signal,
        }),
      )
      return { rows: page.licenses, next: page.next, total: page.counts.total, counts: page.counts }
    },
    placeholderData: keepPreviousData,
  })

/** Reads every license and count of an application anew. */
export const licensesChanged = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'licenses'] })

export function exportHref(app: string, state: Shown<(typeof filterNames)[number]>, format: string): string {
  const params = new URLSearchParams({ format, sort: sortOf(state) })
  for (const [name, value] of Object.entries(conditions(state))) if (value !== undefined) params.set(name, String(value))
  return `${apiRoot}/apps/${app}/licenses/export?${params}`
}

export type Outcome = Schema['LicensesChanged']
export type Action = 'extend' | 'ban' | 'unban' | 'delete'

/** What a bulk action is about, as the API takes it. */
export function selection(selected: Selected<License>, narrowed: Schema['LicenseConditions']): Pick<Schema['UnbanLicenses'], 'ids' | 'filter' | 'all'> {
  if (selected.kind === 'rows') return { ids: selected.rows.map((l) => l.id) }
  return Object.values(narrowed).some((v) => v !== undefined) ? { filter: narrowed } : { all: true }
}

export const bulk = (app: string, action: Action, body: object, signal?: AbortSignal, onProgress?: (p: Progress) => void) =>
  bulkAction<Outcome>(`/apps/${app}/licenses/${action}`, body, signal, onProgress)

/** What a bulk action would change. */
export async function count(app: string, action: Action, body: object, signal: AbortSignal): Promise<Outcome> {
  const answer = await take(api.POST(`/apps/{app}/licenses/${action}`, { params: { path: { app } }, signal, body: { ...body, dry_run: true } as never }))
  return answer as Outcome // JSON unless lines were asked for
}

/** Gives licenses the durations that they had, one by one. */
export async function setDuration(app: string, licenses: License[]): Promise<void> {
  for (const { id, duration } of licenses) await api.PATCH('/apps/{app}/licenses/{license}', { params: { path: { app, license: id } }, body: { duration } })
}

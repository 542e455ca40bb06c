import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take, takeTagged } from '@/api/client'
import { queryClient } from '@/app/query'
import type { Rows, Shown } from '@/ui/list'

export type Variable = Schema['Variable']

const sorts = ['name', '-name'] as const
export const list = { sorts }

/** One page of the list. */
export async function readVariables(app: string, state: Shown, signal: AbortSignal): Promise<Rows<Variable>> {
  const query = { search: state.search || undefined, sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined }
  const page = await take(api.GET('/apps/{app}/variables', { params: { path: { app }, query }, signal }))
  return { rows: page.variables, next: page.next }
}

export const variablesQuery = (app: string, state: Shown) =>
  queryOptions({
    queryKey: ['app', app, 'variables', 'list', state.search, state.sort, state.limit, state.cursor],
    queryFn: ({ signal }) => readVariables(app, state, signal),
    placeholderData: keepPreviousData,
  })

export const variableQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'variables', 'one', id],
    queryFn: ({ signal }) => takeTagged(api.GET('/apps/{app}/variables/{variable}', { params: { path: { app, variable: id ?? '' } }, signal })),
    enabled: Boolean(id),
    gcTime: 0,
  })

export const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'variables'] })

export async function createVariable(app: string, body: Schema['CreateVariable']) {
  await take(api.POST('/apps/{app}/variables', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body }))
  await changed(app)
}

export async function updateVariable(app: string, id: string, tag: string, body: Schema['UpdateVariable']) {
  await api.PATCH('/apps/{app}/variables/{variable}', { params: { path: { app, variable: id }, header: { 'If-Match': tag } }, body })
  await changed(app)
}

export const deleteVariable = (app: string, id: string) => api.DELETE('/apps/{app}/variables/{variable}', { params: { path: { app, variable: id } } })

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take, takeTagged } from '@/api/client'
import { queryClient } from '@/app/query'
import type { Rows, Shown } from '@/ui/list'

export type Webhook = Schema['Webhook']

const sorts = ['created', '-created', 'name', '-name'] as const
export const list = { sorts }

/** One page of the list. */
export async function readWebhooks(app: string, state: Shown, signal: AbortSignal): Promise<Rows<Webhook>> {
  const page = await take(api.GET('/apps/{app}/webhooks', { params: { path: { app }, query: { search: state.search || undefined, sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined } }, signal }))
  return { rows: page.webhooks, next: page.next }
}

export const webhooksQuery = (app: string, state: Shown) =>
  queryOptions({
    queryKey: ['app', app, 'webhooks', 'list', state.search, state.sort, state.limit, state.cursor],
    queryFn: ({ signal }) => readWebhooks(app, state, signal),
    placeholderData: keepPreviousData,
  })

export const webhookQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'webhooks', 'one', id],
    queryFn: ({ signal }) => takeTagged(api.GET('/apps/{app}/webhooks/{webhook}', { params: { path: { app, webhook: id ?? '' } }, signal })),
    enabled: Boolean(id),
    gcTime: 0,
  })

export const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'webhooks'] })

export async function createWebhook(app: string, body: Schema['CreateWebhook']) {
  await take(api.POST('/apps/{app}/webhooks', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body }))
  await changed(app)
}

export async function updateWebhook(app: string, id: string, tag: string, body: Schema['UpdateWebhook']) {
  await api.PATCH('/apps/{app}/webhooks/{webhook}', { params: { path: { app, webhook: id }, header: { 'If-Match': tag } }, body })
  await changed(app)
}

export const deleteWebhook = (app: string, id: string) => api.DELETE('/apps/{app}/webhooks/{webhook}', { params: { path: { app, webhook: id } } })

/** Calls the address once, as a program would. */
export const testWebhook = (app: string, id: string) => take(api.POST('/apps/{app}/webhooks/{webhook}/test', { params: { path: { app, webhook: id } } }))

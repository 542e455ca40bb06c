import { queryOptions } from '@tanstack/react-query'
import { api, type App, callName, take } from '@/api/client'
import { optimistic } from '@/app/optimistic'
import { queryClient } from '@/app/query'

/** Reads all of applications anew. */
export const appsChanged = async (id?: string) => {
  await Promise.all([queryClient.invalidateQueries({ queryKey: ['apps'] }), id && queryClient.invalidateQueries({ queryKey: ['app', id], exact: true })])
}

/** How many licenses and users an application has. */
export const statsQuery = (id: string) =>
  queryOptions({
    queryKey: ['app', id, 'stats'],
    queryFn: ({ signal }) => take(api.GET('/apps/{app}/stats', { params: { path: { app: id } }, signal })),
    staleTime: 30_000,
  })

const fresh = () => ({ 'Idempotency-Key': callName() })

export async function createApp(name: string) {
  const app = await take(api.POST('/apps', { params: { header: fresh() }, body: { name } }))
  await appsChanged()
  return app
}

export async function cloneApp(id: string, name: string) {
  const app = await take(api.POST('/apps/{app}/clone', { params: { path: { app: id }, header: fresh() }, body: { name } }))
  await appsChanged()
  return app
}

export async function renameApp(id: string, name: string) {
  await api.PATCH('/apps/{app}', { params: { path: { app: id } }, body: { name } })
  await appsChanged(id)
}

export const switches = ['pause', 'resume', 'disable', 'enable'] as const
export type Switch = (typeof switches)[number]

/** Whether an application can be switched so: it is not yet. */
export const switchable = (to: Switch, { paused_at, disabled_at }: App) => ({ pause: !paused_at, resume: Boolean(paused_at), disable: !disabled_at, enable: Boolean(disabled_at) })[to]

/** Switches one of many, without reading anything anew. */
export const switchOne = (id: string, to: Switch) => api.POST(`/apps/{app}/${to}`, { params: { path: { app: id } } })

export async function switchApp(id: string, to: Switch) {
  const now = new Date().toISOString()
  const change = { pause: { paused_at: now }, resume: { paused_at: undefined }, disable: { disabled_at: now }, enable: { disabled_at: undefined } }[to]
  await optimistic([['apps'], ['app', id]], id, change, () => api.POST(`/apps/{app}/${to}`, { params: { path: { app: id } } }))
  await appsChanged(id)
}

export async function deleteApp({ id, name }: App) {
  await api.DELETE('/apps/{app}', { params: { path: { app: id }, query: { confirm: name } } })
  await appsChanged()
  queryClient.removeQueries({ queryKey: ['app', id] })
}

/** Why the server would refuse a name; null if it would not. */
export function nameFault(name: string, needed: string, tooLong: string): string | null {
  if (!name.trim()) return needed
  return Array.from(name.trim()).length > 70 ? tooLong : null
}

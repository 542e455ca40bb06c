import { api, callName, type Subscription, take, takeTagged } from '@/api/client'
import { optimistic } from '@/app/optimistic'
import { queryClient } from '@/app/query'

/** Subscriptions show with licenses and users as well. */
export const subscriptionsChanged = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app] })

export interface Values {
  name: string
  level: number
}

export async function create(app: string, body: Values): Promise<void> {
  await take(api.POST('/apps/{app}/subscriptions', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body }))
  await subscriptionsChanged(app)
}

/** Reads one anew, with the tag that its edit needs. */
export const read = (app: string, id: string) =>
  takeTagged(api.GET('/apps/{app}/subscriptions/{subscription}', { params: { path: { app, subscription: id } } }))

export async function update(app: string, old: Subscription, tag: string, values: Values): Promise<void> {
  await api.PATCH('/apps/{app}/subscriptions/{subscription}', {
    params: { path: { app, subscription: old.id }, header: { 'If-Match': tag } },
    body: { name: values.name === old.name ? undefined : values.name, level: values.level === old.level ? undefined : values.level },
  })
  await subscriptionsChanged(app)
}

export async function pause(app: string, id: string, how: 'pause' | 'resume'): Promise<void> {
  const paused_at = how === 'pause' ? new Date().toISOString() : undefined
  await optimistic([['app', app, 'subscriptions']], id, { paused_at }, () => api.POST(`/apps/{app}/subscriptions/{subscription}/${how}`, { params: { path: { app, subscription: id } } }))
  await subscriptionsChanged(app)
}

/** Deletes one, and takes it from whoever holds it. */
export const remove = (app: string, id: string) => api.DELETE('/apps/{app}/subscriptions/{subscription}', { params: { path: { app, subscription: id }, query: { take_away: true } } })

export type Action = 'pause' | 'resume' | 'delete'

/** Does one of them, without reading anything anew. */
export const act = (app: string, id: string, action: Action) =>
  action === 'delete' ? remove(app, id) : api.POST(`/apps/{app}/subscriptions/{subscription}/${action}`, { params: { path: { app, subscription: id } } })

import { queryOptions } from '@tanstack/react-query'
import { api, callName, type Subscription, take } from '@/api/client'
import { subscriptionsQuery } from '@/app/apps'
import { queryClient } from '@/app/query'
import { type Length, written } from '@/rules/duration'

const every = 2000 // milliseconds

/** The first program that has signed in, asked for until there is one. */
export const firstSession = (app: string) =>
  queryOptions({
    queryKey: ['app', app, 'sessions', 'first'],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/sessions', { params: { path: { app }, query: { limit: 1 } }, signal }))).sessions[0] ?? null,
    refetchInterval: (query) => (query.state.data ? false : every),
    refetchIntervalInBackground: true,
    staleTime: 0,
  })

/** How many licenses an application has that nobody has used. */
export const unusedQuery = (app: string) =>
  queryOptions({
    queryKey: ['app', app, 'stats', 'unused'],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/stats', { params: { path: { app } }, signal }))).licenses.not_used,
  })

export async function renameSubscription(app: string, { id, name }: Subscription, to: string) {
  if (name === to) return
  await api.PATCH('/apps/{app}/subscriptions/{subscription}', { params: { path: { app, subscription: id } }, body: { name: to } })
  await queryClient.invalidateQueries(subscriptionsQuery(app))
}

export async function makeLicenses(app: string, level: number, amount: number, duration: Length) {
  await take(api.POST('/apps/{app}/licenses', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body: { amount, level, duration: written(duration) } }))
  await Promise.all(['licenses', 'stats'].map((name) => queryClient.invalidateQueries({ queryKey: ['app', app, name], refetchType: 'all' })))
}

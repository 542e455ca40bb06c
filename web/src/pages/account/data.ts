import { queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take } from '@/api/client'
import { queryClient } from '@/app/query'

export type APIKey = Schema['APIKey']

export const sessionsQuery = queryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: async ({ signal }) => (await take(api.GET('/account/sessions', { signal }))).sessions,
})

export async function endSession(id: string) {
  await api.DELETE('/account/sessions/{account_session}', { params: { path: { account_session: id } } })
  await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
}

export const changePassword = (current: string, fresh: string) => api.POST('/account/password', { body: { current, new: fresh } })

export const keysQuery = queryOptions({
  queryKey: ['account', 'keys'],
  queryFn: async ({ signal }) => (await take(api.GET('/api-keys', { params: { query: { limit: 1000 } }, signal }))).api_keys,
})

export async function createKey(body: Schema['CreateAPIKey']): Promise<string> {
  const made = await take(api.POST('/api-keys', { params: { header: { 'Idempotency-Key': callName() } }, body }))
  await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
  return made.key
}

export async function revokeKey(id: string) {
  await api.DELETE('/api-keys/{api_key}', { params: { path: { api_key: id } } })
  await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take, takeTagged } from '@/api/client'
import { queryClient } from '@/app/query'
import { sessionQuery } from '@/app/session'

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

export async function changeEmail(email: string, password: string) {
  await take(api.POST('/account/email', { body: { email, password } }))
  await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
}

export type SignIn = Schema['AccountSignIn']

export const signInsQuery = (limit: number, cursor: string) =>
  queryOptions({
    queryKey: ['account', 'sign-ins', limit, cursor],
    queryFn: async ({ signal }) => {
      const page = await take(api.GET('/account/sign-ins', { params: { query: { limit, cursor: cursor || undefined } }, signal }))
      return { rows: page.sign_ins, next: page.next }
    },
    placeholderData: keepPreviousData,
  })

export const keysQuery = queryOptions({
  queryKey: ['account', 'keys'],
  queryFn: async ({ signal }) => (await take(api.GET('/api-keys', { params: { query: { limit: 1000 } }, signal }))).api_keys,
})

export async function createKey(body: Schema['CreateAPIKey']): Promise<string> {
  const made = await take(api.POST('/api-keys', { params: { header: { 'Idempotency-Key': callName() } }, body }))
  await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
  return made.key
}

/** Reads a key anew, with the tag that its edit needs. */
export const readKey = (id: string) => takeTagged(api.GET('/api-keys/{api_key}', { params: { path: { api_key: id } } }))

export async function updateKey(id: string, tag: string, body: Schema['UpdateAPIKey']) {
  await api.PATCH('/api-keys/{api_key}', { params: { path: { api_key: id }, header: { 'If-Match': tag } }, body })
  await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
}

/** Revokes one of many, without reading anything anew. */
export const revokeOne = (id: string) => api.DELETE('/api-keys/{api_key}', { params: { path: { api_key: id } } })

export const keysChanged = () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })

export async function revokeKey(id: string) {
  await revokeOne(id)
  await keysChanged()
}

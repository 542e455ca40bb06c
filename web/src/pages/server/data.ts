import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take } from '@/api/client'
import { queryClient } from '@/app/query'
import type { ListState, Rows } from '@/ui/list'

export type Status = Schema['ServerStatus']
export type Account = Schema['Account']

export const statusQuery = queryOptions({
  queryKey: ['server', 'status'],
  queryFn: ({ signal }) => take(api.GET('/server', { signal })),
  refetchInterval: 10_000,
})

type At = Pick<ListState, 'limit' | 'cursor'>

export async function readAccounts({ limit, cursor }: At, signal: AbortSignal): Promise<Rows<Account>> {
  const page = await take(api.GET('/accounts', { params: { query: { limit, cursor: cursor || undefined } }, signal }))
  return { rows: page.accounts, next: page.next }
}

export const accountsQuery = ({ limit, cursor }: At) =>
  queryOptions({
    queryKey: ['server', 'accounts', limit, cursor],
    queryFn: ({ signal }) => readAccounts({ limit, cursor }, signal),
    placeholderData: keepPreviousData,
  })

export async function createAccount(email: string, password: string, administrator: boolean) {
  await take(api.POST('/accounts', { params: { header: { 'Idempotency-Key': callName() } }, body: { email, password, administrator } }))
  await queryClient.invalidateQueries({ queryKey: ['server'] })
}

export async function switchAccount(account: string, to: 'disable' | 'enable') {
  await api.POST(`/accounts/{account}/${to}`, { params: { path: { account } } })
  await queryClient.invalidateQueries({ queryKey: ['server'] })
}

export async function deleteAccount(account: string) {
  await api.DELETE('/accounts/{account}', { params: { path: { account } } })
  await queryClient.invalidateQueries({ queryKey: ['server'] })
}

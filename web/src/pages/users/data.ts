import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { bulkAction } from '@/api/bulk'
import { api, apiRoot, callName, type Schema, take, takeTagged, type User } from '@/api/client'
import type { Progress } from '@/api/stream'
import { optimistic } from '@/app/optimistic'
import { queryClient } from '@/app/query'
import type { Rows, Selected, Shown } from '@/ui/list'
import { endOfDay, startOfDay } from '@/ui/list/days'
import { type Filter, sortOf } from './order'

type State = Shown<Filter>

const conditions = (state: State) => ({
  search: state.search || undefined,
  banned: (state.filters.banned as 'true' | 'false') || undefined,
  subscription_id: state.filters.subscription || undefined,
  reset_requested: (state.filters.reset as 'true' | 'false') || undefined,
  time: (state.filters.time as 'left' | 'over' | 'none') || undefined,
  expires_after: startOfDay(state.filters.expires_after),
  expires_before: endOfDay(state.filters.expires_before),
})

/** What narrows the list, as a bulk action takes it. */
export function narrowedBy(state: State): Schema['UserConditions'] {
  const { banned, reset_requested: reset, ...rest } = conditions(state)
  const flag = (value?: string) => (value === undefined ? undefined : value === 'true')
  return { ...rest, banned: flag(banned), reset_requested: flag(reset) }
}

export function exportHref(app: string, state: State, format: string): string {
  const params = new URLSearchParams({ format, sort: sortOf(state) })
  for (const [name, value] of Object.entries(conditions(state))) if (value !== undefined) params.set(name, value)
  return `${apiRoot}/apps/${app}/users/export?${params}`
}

export const usersQuery = (app: string, state: State) =>
  queryOptions({
    queryKey: ['app', app, 'users', 'list', state.search, state.filters, sortOf(state), state.limit, state.cursor],
    queryFn: async ({ signal }): Promise<Rows<User>> => {
      const query = {
        ...conditions(state),
        sort: sortOf(state),
        limit: state.limit,
        cursor: state.cursor || undefined,
      }
      const page = await take(api.GET('/apps/{app}/users', { params: { path: { app }, query }, signal }))
      return { rows: page.users, next: page.next }
    },
    placeholderData: keepPreviousData,
  })

export const countsQuery = (app: string) =>
  queryOptions({
    queryKey: ['app', app, 'users', 'counts'],
    queryFn: async ({ signal }) => {
      const stats = await take(api.GET('/apps/{app}/stats', { params: { path: { app } }, signal }))
      return { ...stats.users, waiting: stats.reset_requests }
    },
  })

export const userQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'users', 'one', id],
    queryFn: ({ signal }) => takeTagged(api.GET('/apps/{app}/users/{user}', { params: { path: { app, user: id ?? '' } }, signal })),
    enabled: Boolean(id),
  })

export const signInsQuery = (app: string, id: string) =>
  queryOptions({
    queryKey: ['app', app, 'users', 'sign-ins', id],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/users/{user}/sign-ins', { params: { path: { app, user: id }, query: { limit: 100 } }, signal }))).sign_ins,
  })

/** How many log lines and audit events a card shows. */
export const latest = 25

export const userLogsQuery = (app: string, user: string) =>
  queryOptions({
    queryKey: ['app', app, 'logs', 'of', user],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/logs', { params: { path: { app }, query: { user, limit: latest } }, signal }))).logs,
  })

export const userAuditQuery = (app: string, user: string) =>
  queryOptions({
    queryKey: ['app', app, 'audit', 'of', user],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/audit-events', { params: { path: { app }, query: { target: user, limit: latest } }, signal }))).audit_events,
    staleTime: 0,
  })

/** Reads every user of an application anew, and what shows them. */
export const usersChanged = (app: string) =>
  Promise.all(['users', 'sessions', 'subscriptions'].map((of) => queryClient.invalidateQueries({ queryKey: ['app', app, of] })))

export async function createUser(app: string, body: Schema['CreateUser']): Promise<void> {
  await take(api.POST('/apps/{app}/users', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body }))
  await usersChanged(app)
}

export async function updateUser(app: string, id: string, tag: string, body: Schema['UpdateUser']): Promise<void> {
  await api.PATCH('/apps/{app}/users/{user}', { params: { path: { app, user: id }, header: { 'If-Match': tag } }, body })
  await usersChanged(app)
}

const of = (app: string, user: string) => ({ path: { app, user } })

export async function giveSubscription(app: string, user: string, body: Schema['AddSubscription']): Promise<void> {
  await take(api.POST('/apps/{app}/users/{user}/subscriptions', { params: { ...of(app, user), header: { 'Idempotency-Key': callName() } }, body }))
  await usersChanged(app)
}

export async function redeem(app: string, user: string, key: string): Promise<void> {
  await take(api.POST('/apps/{app}/users/{user}/redeem', { params: { ...of(app, user), header: { 'Idempotency-Key': callName() } }, body: { key } }))
  await usersChanged(app)
}

export async function pauseSubscription(app: string, user: string, { id, subscription_id: subscription }: Schema['Holding'], how: 'pause' | 'resume'): Promise<void> {
  const change = how === 'pause' ? { status: 'paused', paused_at: new Date().toISOString() } : { status: 'active', paused_at: undefined }
  await optimistic([['app', app, 'users']], id, change, () => api.POST(`/apps/{app}/users/{user}/subscriptions/{subscription}/${how}`, { params: { path: { app, user, subscription } } }))
  await usersChanged(app)
}

export async function takeSubscription(app: string, user: string, subscription: string): Promise<void> {
  await api.DELETE('/apps/{app}/users/{user}/subscriptions/{subscription}', { params: { path: { app, user, subscription } } })
  await usersChanged(app)
}

export async function unbind(app: string, user: string, device: string): Promise<void> {
  await api.DELETE('/apps/{app}/users/{user}/devices/{device}', { params: { path: { app, user, device } } })
  await usersChanged(app)
}

/** Resets the devices of who has asked for it. */
export async function approveReset(app: string, user: string): Promise<void> {
  await take(api.POST('/apps/{app}/users/{user}/reset-devices', { params: of(app, user) }))
  await usersChanged(app)
}

export async function declineReset(app: string, user: string, reason: string): Promise<void> {
  await take(api.POST('/apps/{app}/users/{user}/decline-reset', { params: of(app, user), body: { reason } }))
  await usersChanged(app)
}

export type Outcome = Schema['UsersChanged']
export type Action = 'time' | 'ban' | 'unban' | 'reset' | 'variable' | 'delete'

const paths = { time: 'time', ban: 'ban', unban: 'unban', reset: 'reset-devices', variable: 'set-variable', delete: 'delete' } as const

/** What a bulk action is called by the API; remove: the variable is to be deleted. */
export type Path = (typeof paths)[Action] | 'delete-variable'
export const pathOf = (action: Action, remove: boolean): Path => (action === 'variable' && remove ? 'delete-variable' : paths[action])

/** Whom a bulk action is about, as the API takes it. */
export function selection(selected: Selected<User>, narrowed: Schema['UserConditions']): Pick<Schema['UserSelection'], 'ids' | 'filter' | 'all'> {
  if (selected.kind === 'rows') return { ids: selected.rows.map((u) => u.id) }
  return Object.values(narrowed).some((v) => v !== undefined) ? { filter: narrowed } : { all: true }
}

/** What a bulk action would change. */
export async function count(app: string, path: Path, body: object, signal: AbortSignal): Promise<Outcome> {
  return (await take(api.POST(`/apps/{app}/users/${path}`, { params: { path: { app } }, body: { ...body, dry_run: true } as never, signal }))) as Outcome
}

export const bulk = (app: string, path: Path, body: object, signal?: AbortSignal, onProgress?: (p: Progress) => void) =>
  bulkAction<Outcome>(`/apps/${app}/users/${path}`, body, signal, onProgress)

export type UserVariable = Schema['UserVariable']

const most = 1000 // of a user

export const variablesQuery = (app: string, user: string) =>
  queryOptions({
    queryKey: ['app', app, 'users', 'variables', user],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/users/{user}/variables', { params: { path: { app, user }, query: { limit: most } }, signal }))).variables,
  })

const variablesChanged = (app: string, user: string) => queryClient.invalidateQueries({ queryKey: variablesQuery(app, user).queryKey })

/** Makes a variable of a user, or changes the one of its name. */
export async function setVariable(app: string, user: string, body: Schema['SetUserVariable']) {
  await take(api.POST('/apps/{app}/users/{user}/variables', { params: { ...of(app, user), header: { 'Idempotency-Key': callName() } }, body }))
  await variablesChanged(app, user)
}

export async function deleteVariable(app: string, user: string, variable: string) {
  await api.DELETE('/apps/{app}/users/{user}/variables/{user_variable}', { params: { path: { app, user, user_variable: variable } } })
  await variablesChanged(app, user)
}

export async function sendPasswordReset(app: string, user: string) {
  await take(api.POST('/apps/{app}/users/{user}/password-reset', { params: { ...of(app, user), header: { 'Idempotency-Key': callName() } } }))
}

export async function disableTwoFactor(app: string, user: string) {
  await api.POST('/apps/{app}/users/{user}/two-factor/disable', { params: of(app, user) })
  await usersChanged(app)
}

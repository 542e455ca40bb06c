import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { bulkAction } from '@/api/bulk'
import { api, callName, type Schema, take } from '@/api/client'
import type { Progress } from '@/api/stream'
import { queryClient } from '@/app/query'
import type { Rows, Selected, Shown } from '@/ui/list'

export type Token = Schema['Token']
export const filterNames = ['status'] as const
export const sorts = ['-created', 'created', '-used', 'used'] as const
export const list = { filters: filterNames, sorts }
type State = Shown<(typeof filterNames)[number]>

/** How the list is sorted: by when they were used only those that are, if nothing else narrows them. */
export const sortOf = ({ sort, search, filters }: Pick<State, 'sort' | 'search' | 'filters'>) => (sort.endsWith('used') && (search !== '' || filters.status !== 'used') ? '-created' : sort) as (typeof sorts)[number]

/** One page of the list. */
export async function readTokens(app: string, state: State, signal: AbortSignal): Promise<Rows<Token>> {
  const query = {
    search: state.search || undefined,
    status: (state.filters.status as Token['status']) || undefined,
    sort: sortOf(state),
    limit: state.limit,
    cursor: state.cursor || undefined,
  }
  const page = await take(api.GET('/apps/{app}/tokens', { params: { path: { app }, query }, signal }))
  return { rows: page.tokens, next: page.next }
}

export const tokensQuery = (app: string, state: State) =>
  queryOptions({
    queryKey: ['app', app, 'tokens', 'list', state.search, state.filters, sortOf(state), state.limit, state.cursor],
    queryFn: ({ signal }) => readTokens(app, state, signal),
    placeholderData: keepPreviousData,
  })

export const tokenQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'tokens', 'one', id],
    queryFn: ({ signal }) => take(api.GET('/apps/{app}/tokens/{token}', { params: { path: { app, token: id ?? '' } }, signal })),
    enabled: Boolean(id),
  })

export const tones = { not_used: 'info', used: 'good', blacklisted: 'bad' } as const

export type Action = 'reset' | 'blacklist' | 'unblacklist' | 'delete'

/** What can be done with a token as it is. */
export function actionsOf({ status }: Token): Action[] {
  if (status === 'blacklisted') return ['unblacklist', 'delete']
  return status === 'used' ? ['reset', 'blacklist', 'delete'] : ['blacklist', 'delete']
}

export const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'tokens'] })

export async function createToken(app: string, body: Schema['CreateToken']) {
  await take(api.POST('/apps/{app}/tokens', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body }))
  await changed(app)
}

export async function resetToken(app: string, token: string) {
  await api.POST('/apps/{app}/tokens/{token}/reset', { params: { path: { app, token } } })
  await changed(app)
}

/** What many can have done to them. */
export type Many = Exclude<Action, 'reset'>

/** What a bulk action is about, as the API takes it. */
export function selection(selected: Selected<Token>, { search, filters }: State): Schema['TokenSelection'] {
  if (selected.kind === 'rows') return { ids: selected.rows.map((k) => k.id) }
  return { all: true, status: (filters.status as Token['status']) || undefined, search: search || undefined }
}

export const bulk = (app: string, action: Many, body: object, signal?: AbortSignal, onProgress?: (p: Progress) => void) =>
  bulkAction<Schema['TokensChanged']>(`/apps/${app}/tokens/${action}`, body, signal, onProgress)

/** What a bulk action would change. */
export async function count(app: string, action: Many, body: object, signal: AbortSignal): Promise<Schema['TokensChanged']> {
  const answer = await take(api.POST(`/apps/{app}/tokens/${action}`, { params: { path: { app } }, signal, body: { ...body, dry_run: true } as never }))
  return answer as Schema['TokensChanged'] // JSON unless lines were asked for
}

/** A few users or licenses that a text finds, as choices. */
export const holdersQuery = (app: string, of: 'user' | 'license', search: string) =>
  queryOptions({
    queryKey: ['app', app, 'tokens', 'holders', of, search],
    queryFn: async ({ signal }) => {
      const params = { path: { app }, query: { search: search || undefined, limit: 10 } }
      if (of === 'user') return (await take(api.GET('/apps/{app}/users', { params, signal }))).users.map((u) => ({ value: u.id, label: u.username }))
      return (await take(api.GET('/apps/{app}/licenses', { params, signal }))).licenses.map((l) => ({ value: l.id, label: l.key }))
    },
    placeholderData: keepPreviousData,
  })

/** Which unused licenses get a token each. */
export interface Wanted {
  level?: number
  search: string
}

type Outcome = Schema['TokensCreated']

const selectionOf = ({ level, search }: Wanted) => (level || search ? { filter: { status: 'not_used' as const, level, search: search || undefined } } : { all: true, status: 'not_used' as const })

/** What making many tokens would do. */
export async function countMany(app: string, many: Wanted, signal: AbortSignal): Promise<Outcome> {
  return (await take(api.POST('/apps/{app}/licenses/create-tokens', { params: { path: { app } }, body: { ...selectionOf(many), dry_run: true }, signal }))) as Outcome
}

const pageSize = 1000

/** Makes a token for each license that many names, and returns these, newest first. */
export async function createMany(app: string, many: Wanted, signal: AbortSignal, onProgress: (p: Progress) => void): Promise<Token[]> {
  const { batch, changed: amount } = await bulkAction<Outcome>(`/apps/${app}/licenses/create-tokens`, selectionOf(many), signal, onProgress)
  await changed(app)
  // The answer counts them; the list has them.
  const tokens: Token[] = []
  let cursor: string | undefined
  do {
    const page = await take(api.GET('/apps/{app}/tokens', { params: { path: { app }, query: { batch, limit: pageSize, cursor } }, signal }))
    tokens.push(...page.tokens)
    onProgress({ made: tokens.length, amount })
    cursor = page.next
  } while (cursor)
  return tokens
}

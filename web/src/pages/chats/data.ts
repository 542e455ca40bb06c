import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { bulkAction } from '@/api/bulk'
import { api, callName, type Schema, take, takeTagged } from '@/api/client'
import type { Progress } from '@/api/stream'
import { queryClient } from '@/app/query'
import type { Rows, Selected, Shown } from '@/ui/list'

export type Chat = Schema['Chat']
export type Message = Schema['ChatMessage']
export type Mute = Schema['ChatMute']

const sorts = ['created', '-created', 'name', '-name'] as const
export const list = { sorts }

/** One page of the list. */
export async function readChats(app: string, state: Shown, signal: AbortSignal): Promise<Rows<Chat>> {
  const page = await take(api.GET('/apps/{app}/chats', { params: { path: { app }, query: { search: state.search || undefined, sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined } }, signal }))
  return { rows: page.chats, next: page.next }
}

export const chatsQuery = (app: string, state: Shown) =>
  queryOptions({
    queryKey: ['app', app, 'chats', 'list', state.search, state.sort, state.limit, state.cursor],
    queryFn: ({ signal }) => readChats(app, state, signal),
    placeholderData: keepPreviousData,
  })

export const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'chats'] })
const named = () => ({ 'Idempotency-Key': callName() })

export async function createChat(app: string, body: Schema['CreateChat']) {
  await take(api.POST('/apps/{app}/chats', { params: { path: { app }, header: named() }, body }))
  await changed(app)
}

/** Reads one anew, with the tag that its edit needs. */
export const readChat = (app: string, id: string) => takeTagged(api.GET('/apps/{app}/chats/{chat}', { params: { path: { app, chat: id } } }))

export const chatQuery = (app: string, id: string | undefined) => queryOptions({ queryKey: ['app', app, 'chats', 'one', id], queryFn: () => readChat(app, id ?? ''), enabled: Boolean(id), gcTime: 0 })

export async function updateChat(app: string, id: string, tag: string, body: Schema['UpdateChat']) {
  await api.PATCH('/apps/{app}/chats/{chat}', { params: { path: { app, chat: id }, header: { 'If-Match': tag } }, body })
  await changed(app)
}

export const deleteChat = (app: string, id: string) => api.DELETE('/apps/{app}/chats/{chat}', { params: { path: { app, chat: id } } })

export const messagesKey = (app: string, chat: string) => ['app', app, 'chats', 'messages', chat]

export const readMessages = (app: string, chat: string, cursor: string | undefined, signal: AbortSignal) =>
  take(api.GET('/apps/{app}/chats/{chat}/messages', { params: { path: { app, chat }, query: { limit: 50, cursor } }, signal }))

export async function say(app: string, chat: string, body: Schema['SendChatMessage']) {
  await take(api.POST('/apps/{app}/chats/{chat}/messages', { params: { path: { app, chat }, header: named() }, body }))
  await changed(app)
}

export async function deleteMessage(app: string, chat: string, message: string) {
  await api.DELETE('/apps/{app}/chats/{chat}/messages/{message}', { params: { path: { app, chat, message } } })
  await changed(app)
}

export async function clearChat(app: string, chat: string): Promise<number> {
  return (await take(api.DELETE('/apps/{app}/chats/{chat}/messages', { params: { path: { app, chat } } }))).changed
}

/** One page of who is muted. */
export async function readMutes(app: string, search: string, at: { limit: number; cursor: string }, signal: AbortSignal): Promise<Rows<Mute>> {
  const query = { search: search || undefined, limit: at.limit, cursor: at.cursor || undefined }
  const page = await take(api.GET('/apps/{app}/chat-mutes', { params: { path: { app }, query }, signal }))
  return { rows: page.mutes, next: page.next }
}

export const mutesKey = (app: string, search: string) => ['app', app, 'chats', 'mutes', search]

export async function mute(app: string, body: Schema['MuteUser']) {
  await take(api.POST('/apps/{app}/chat-mutes', { params: { path: { app }, header: named() }, body }))
  await changed(app)
}

type MuteSelection = Omit<Schema['LiftMutes'], 'dry_run'>

/** What is picked of the mutes that a search leaves, as the API takes it. */
export const muteSelection = (selected: Selected<Mute>, search: string): MuteSelection => (selected.kind === 'rows' ? { ids: selected.rows.map((m) => m.id) } : { all: true, search: search || undefined })

/** Lifts mutes. */
export const liftMutes = (app: string, selection: MuteSelection, signal: AbortSignal, report: (p: Progress) => void) =>
  bulkAction<Schema['MutesLifted']>(`/apps/${app}/chat-mutes/delete`, selection, signal, report)

/** How many would be lifted. */
export const countMutes = async (app: string, selection: MuteSelection, signal: AbortSignal) =>
  (await take(api.POST('/apps/{app}/chat-mutes/delete', { params: { path: { app } }, body: { ...selection, dry_run: true }, signal }))) as Schema['MutesLifted'] // JSON unless lines were asked for

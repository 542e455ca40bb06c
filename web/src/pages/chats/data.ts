import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, callName, type Schema, take, takeTagged } from '@/api/client'
import { queryClient } from '@/app/query'
import type { Rows, Shown } from '@/ui/list'

export type Chat = Schema['Chat']
export type Message = Schema['ChatMessage']
export type Mute = Schema['ChatMute']

/** One page of the list. */
export async function readChats(app: string, state: Shown, signal: AbortSignal): Promise<Rows<Chat>> {
  const page = await take(api.GET('/apps/{app}/chats', { params: { path: { app }, query: { limit: state.limit, cursor: state.cursor || undefined } }, signal }))
  return { rows: page.chats, next: page.next }
}

export const chatsQuery = (app: string, state: Shown) =>
  queryOptions({
    queryKey: ['app', app, 'chats', 'list', state.limit, state.cursor],
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

export const unmute = (app: string, id: string) => api.DELETE('/apps/{app}/chat-mutes/{mute}', { params: { path: { app, mute: id } } })

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, apiRoot, callName, type Schema, take, takeTagged } from '@/api/client'
import type { Progress } from '@/api/stream'
import { upload } from '@/api/upload'
import { queryClient } from '@/app/query'
import type { GateValues } from '@/ui/Gate'
import type { Rows, Shown } from '@/ui/list'

export type AppFile = Schema['File']

const sorts = ['-created', 'created'] as const
export const list = { sorts }

/** One page of the list. */
export async function readFiles(app: string, state: Shown, signal: AbortSignal): Promise<Rows<AppFile>> {
  const query = { search: state.search || undefined, sort: state.sort as (typeof sorts)[number], limit: state.limit, cursor: state.cursor || undefined }
  const page = await take(api.GET('/apps/{app}/files', { params: { path: { app }, query }, signal }))
  return { rows: page.files, next: page.next }
}

export const filesQuery = (app: string, state: Shown) =>
  queryOptions({
    queryKey: ['app', app, 'files', 'list', state.search, state.sort, state.limit, state.cursor],
    queryFn: ({ signal }) => readFiles(app, state, signal),
    placeholderData: keepPreviousData,
  })

export const changed = (app: string) => queryClient.invalidateQueries({ queryKey: ['app', app, 'files'] })

export const contentHref = (app: string, id: string) => `${apiRoot}/apps/${app}/files/${id}/content`

export async function uploadFile(app: string, file: File, name: string, who: GateValues, signal: AbortSignal, onProgress: (p: Progress) => void) {
  const params = new URLSearchParams({ name, needs_sign_in: String(who.needs_sign_in), min_level: String(who.min_level) })
  await upload(`/apps/${app}/files?${params}`, file, signal, onProgress)
  await changed(app)
}

export async function replaceContent(app: string, id: string, file: File, signal: AbortSignal, onProgress: (p: Progress) => void) {
  await upload(`/apps/${app}/files/${id}/content`, file, signal, onProgress)
  await changed(app)
}

export async function linkFile(app: string, body: Schema['LinkFile']) {
  await take(api.POST('/apps/{app}/files/link', { params: { path: { app }, header: { 'Idempotency-Key': callName() } }, body }))
  await changed(app)
}

export const fileQuery = (app: string, id: string | undefined) =>
  queryOptions({
    queryKey: ['app', app, 'files', 'one', id],
    queryFn: ({ signal }) => takeTagged(api.GET('/apps/{app}/files/{file}', { params: { path: { app, file: id ?? '' } }, signal })),
    enabled: Boolean(id),
    gcTime: 0,
  })

export async function updateFile(app: string, id: string, tag: string, body: Schema['UpdateFile']) {
  await api.PATCH('/apps/{app}/files/{file}', { params: { path: { app, file: id }, header: { 'If-Match': tag } }, body })
  await changed(app)
}

export const deleteFile = (app: string, id: string) => api.DELETE('/apps/{app}/files/{file}', { params: { path: { app, file: id } } })

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes as people read them: 1.4 MiB. */
export function size(bytes: number): string {
  let n = bytes
  let unit = 0
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024
    unit++
  }
  return `${unit === 0 ? String(n) : n.toFixed(n < 10 ? 1 : 0)} ${units[unit] ?? ''}`
}

import { queryOptions } from '@tanstack/react-query'
import { api, type Schema, take } from '@/api/client'
import { queryClient } from '@/app/query'

export type Webhook = Schema['AuditWebhook']
export type From = NonNullable<Schema['SetAuditWebhook']['from']> | ''

const key = (app: string) => ['app', app, 'audit-webhook']

/** Where the log is sent; null if nowhere. */
export const webhookQuery = (app: string) =>
  queryOptions({
    queryKey: key(app),
    queryFn: async ({ signal }) => {
      const now = await take(api.GET('/apps/{app}/audit-webhook', { params: { path: { app } }, signal }))
      return now.host ? now : null
    },
  })

/** What a change answers is what the webhook is then; the log tells of it. */
async function changed(app: string, now: Webhook | null) {
  queryClient.setQueryData(key(app), now && { ...now, secret: undefined })
  await queryClient.invalidateQueries({ queryKey: ['app', app, 'audit'] })
}

/** Returns the secret, which nobody is told again. */
export async function setWebhook(app: string, url: string, from: From): Promise<string> {
  const now = await take(api.PUT('/apps/{app}/audit-webhook', { params: { path: { app } }, body: { url, from: from || undefined } }))
  await changed(app, now)
  return now.secret ?? ''
}

export async function rotateSecret(app: string): Promise<string> {
  const now = await take(api.POST('/apps/{app}/audit-webhook/rotate-secret', { params: { path: { app } } }))
  await changed(app, now)
  return now.secret ?? ''
}

export async function resumeWebhook(app: string) {
  await changed(app, await take(api.POST('/apps/{app}/audit-webhook/resume', { params: { path: { app } } })))
}

export const testWebhook = (app: string) => take(api.POST('/apps/{app}/audit-webhook/test', { params: { path: { app } } }))

export async function removeWebhook(app: string) {
  await api.DELETE('/apps/{app}/audit-webhook', { params: { path: { app } } })
  await changed(app, null)
}

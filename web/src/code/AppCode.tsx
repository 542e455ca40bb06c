import { Skeleton } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, type App, type License, take } from '@/api/client'
import { publicUrl } from '@/base'
import { ProgramCode } from './ProgramCode'

/** A license that a new program can be tried with. */
const tryable = (app: string) =>
  queryOptions({
    queryKey: ['app', app, 'licenses', 'tryable'],
    queryFn: async ({ signal }): Promise<License | null> =>
      (await take(api.GET('/apps/{app}/licenses', { params: { path: { app }, query: { status: 'not_used', limit: 1 } }, signal }))).licenses[0] ?? null,
    staleTime: Infinity,
  })

/** A program of the application's that signs in with one of its licenses. */
export function AppCode({ app }: { app: App }) {
  const { data: license, isPending } = useQuery(tryable(app.id))
  if (isPending) return <Skeleton height={420} radius="lg" />
  return (
    <div style={tall}>
      <ProgramCode
        values={{
          url: publicUrl,
          app: { id: app.id, name: app.name, ownerId: app.owner_id, version: app.version, clientKey: app.next_client_key?.public_key ?? app.client_public_key, compatKey: app.compat_public_key },
          license: license?.key ?? '',
        }}
      />
    </div>
  )
}

// Nothing stands below it.
const tall = { '--lk-code-height': 'max(420px, 100dvh - 280px)' } as React.CSSProperties

import { queryOptions, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api, type App, take } from '@/api/client'

/** All applications, by name. */
export const appsQuery = queryOptions({
  queryKey: ['apps'],
  queryFn: async ({ signal }) => {
    const all: App[] = []
    let cursor: string | undefined
    do {
      const page = await take(api.GET('/apps', { params: { query: { limit: 1000, cursor } }, signal }))
      all.push(...page.apps)
      cursor = page.next
    } while (cursor)
    return all.sort((a, b) => a.name.localeCompare(b.name))
  },
})

export const appQuery = (id: string) =>
  queryOptions({
    queryKey: ['app', id],
    queryFn: ({ signal }) => take(api.GET('/apps/{app}', { params: { path: { app: id } }, signal })),
  })

export const subscriptionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['app', id, 'subscriptions'],
    queryFn: async ({ signal }) => (await take(api.GET('/apps/{app}/subscriptions', { params: { path: { app: id }, query: { limit: 1000 } }, signal }))).subscriptions,
  })

/** The id of the application that the address is about. */
export function useAppId(): string {
  return useParams({ strict: false }).app ?? ''
}

/** The application that the navigation leads through: the address's, else the one seen last, else any; '' if there is none. */
export function useNavigatedApp(): string {
  const here = useAppId()
  const { data: apps } = useQuery(appsQuery)
  if (here) return here
  const last = lastApp() ?? ''
  return apps ? ((apps.find((a) => a.id === last) ?? apps[0])?.id ?? '') : last
}

/** The application that the address is about; pages below /apps/$app always have it. */
export function useApp(): App {
  const { data } = useQuery(appQuery(useAppId()))
  if (!data) throw new Error('there is no application here')
  return data
}

const lastKey = 'latchkey.app'

export function rememberApp(id: string) {
  try {
    localStorage.setItem(lastKey, id)
  } catch {
    // Nothing is lost but a convenience.
  }
}

export function lastApp(): string | null {
  try {
    return localStorage.getItem(lastKey)
  } catch {
    return null
  }
}

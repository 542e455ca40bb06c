import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { base } from '@/base'
import { ahead } from './ahead'
import { appsQuery, lastApp } from './apps'
import { CrashPage, NotFound, NotFoundPage } from './Crash'
import { localPath } from './localPath'
import { appPath, pages } from './pages'
import { queryClient } from './query'
import { perhaps, sessionQuery } from './session'

const root = createRootRoute({ component: Outlet, errorComponent: CrashPage, notFoundComponent: NotFoundPage })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('@/pages/sign-in/SignInPage')),
  beforeLoad: async ({ search }) => {
    if (await queryClient.ensureQueryData(sessionQuery).catch(() => null)) throw redirect({ href: base + localPath((search as { to?: string }).to) })
  },
})

const setup = createRoute({ getParentRoute: () => root, path: '/setup', component: lazyRouteComponent(() => import('@/pages/setup/SetupPage')) })

const shell = lazyRouteComponent(() => import('./Shell'), 'Shell')

/** Everything behind the sign-in. */
const house = createRoute({
  getParentRoute: () => root,
  id: 'house',
  component: shell,
  beforeLoad: async ({ location }) => {
    void shell.preload?.() // while the server says who is signed in
    if (perhaps()) ahead(location.pathname, location.search as Record<string, string>)
    if (await queryClient.ensureQueryData(sessionQuery)) return
    const to = location.href === '/' ? undefined : location.href
    throw redirect({ to: '/sign-in', search: { to } as never })
  },
})

const start = createRoute({
  getParentRoute: () => house,
  path: '/',
  beforeLoad: async () => {
    const apps = await queryClient.ensureQueryData(appsQuery)
    const last = lastApp()
    const app = apps.find((a) => a.id === last) ?? apps[0]
    throw redirect({ to: app ? appPath(app.id) : '/welcome' })
  },
})

const app = createRoute({ getParentRoute: () => house, path: '/apps/$app', component: lazyRouteComponent(() => import('./AppFrame'), 'AppFrame') })
const appStart = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: appPath((params as { app: string }).app) })
  },
})

const rows = (of: 'app' | 'server', parent: typeof app | typeof house) =>
  pages
    .filter((p) => p.of === of)
    .map((p) => createRoute({ getParentRoute: () => parent as typeof house, path: p.path, component: lazyRouteComponent(p.load) }))

/** Everything else below a frame is not there, and says so within it. */
const nothing = (parent: typeof app | typeof house) => createRoute({ getParentRoute: () => parent as typeof house, path: '$', component: NotFound })

const tree = root.addChildren([
  signIn,
  setup,
  house.addChildren([start, ...rows('server', house), app.addChildren([appStart, ...rows('app', app), nothing(app)]), nothing(house)]),
])

// Search parameters are plain texts, as people would write them.
const parseSearch = (text: string) => Object.fromEntries(new URLSearchParams(text))
const stringifySearch = (search: Record<string, unknown>) => {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) if (typeof value === 'string' && value !== '') params.set(name, value)
  const text = params.toString()
  return text && `?${text}`
}

export const router = createRouter({
  routeTree: tree,
  basepath: base || '/',
  parseSearch,
  stringifySearch,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
})

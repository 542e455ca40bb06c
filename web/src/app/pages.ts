import type { Icon } from '@tabler/icons-react'
import { IconApps, IconKey } from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { t } from '@/strings'

/** The groups of the navigation, in their order. */
export type Group = 'sell' | 'customers' | 'program' | 'safety' | 'settings' | 'server'

export interface PageRow {
  /** Of an application: below /apps/$app. Of the server: below /. */
  of: 'app' | 'server'
  path: string
  load: () => Promise<{ default: ComponentType }>
  /** Its place in the navigation and the palette; pages without one are reached from others. */
  nav?: { group: Group; label: string; icon: Icon }
}

/**
 * Every page behind the sign-in. A new page is a row here, a folder in
 * src/pages, and a file of texts in src/strings/en. The first page of an
 * application is its home.
 */
export const pages: PageRow[] = [
  { of: 'app', path: 'licenses', load: () => import('@/pages/licenses/LicensesPage'), nav: { group: 'sell', label: t.licenses.title, icon: IconKey } },

  { of: 'server', path: 'apps', load: () => import('@/pages/apps/AppsPage'), nav: { group: 'server', label: t.apps.title, icon: IconApps } },
]

/** The address of a page of an application. */
export const appPath = (app: string, path = home) => `/apps/${app}/${path}`

/** The page that an application opens with. */
export const home = pages.find((p) => p.of === 'app')?.path ?? ''

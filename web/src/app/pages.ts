import type { Icon } from '@tabler/icons-react'
import {
  IconApps,
  IconChartAreaLine,
  IconDeviceDesktop,
  IconFile,
  IconHistory,
  IconKey,
  IconListDetails,
  IconMessages,
  IconServer,
  IconSettings,
  IconShieldCheck,
  IconShieldX,
  IconStack2,
  IconTicket,
  IconUser,
  IconUsers,
  IconVariable,
  IconWebhook,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { t } from '@/strings'

/** The groups of the navigation, in their order. */
export type Group = 'sell' | 'customers' | 'program' | 'safety' | 'settings' | 'server'

/** Begins to read what a page shows, by the parameters of its address. */
export type Ahead = (app: string, params: Record<string, string | undefined>) => void

export interface PageRow {
  /** Of an application: below /apps/$app. Of the server: below /. */
  of: 'app' | 'server'
  path: string
  load: () => Promise<{ default: ComponentType; ahead?: Ahead }>
  /** Too much to load before somebody goes there. */
  heavy?: boolean
  /** Its place in the navigation and the palette; pages without one are reached from others. */
  nav?: { group: Group; label: string; icon: Icon; administrator?: boolean }
}

/**
 * Every page behind the sign-in. A new page is a row here, a folder in
 * src/pages, and a file of texts in src/strings/en. The first page of an
 * application is its home.
 */
export const pages: PageRow[] = [
  { of: 'app', path: 'overview', load: () => import('@/pages/overview/OverviewPage'), heavy: true, nav: { group: 'sell', label: t.overview.title, icon: IconChartAreaLine } },
  { of: 'app', path: 'licenses', load: () => import('@/pages/licenses/LicensesPage'), nav: { group: 'sell', label: t.licenses.title, icon: IconKey } },
  { of: 'app', path: 'subscriptions', load: () => import('@/pages/subscriptions/SubscriptionsPage'), nav: { group: 'sell', label: t.subscriptions.title, icon: IconStack2 } },
  { of: 'app', path: 'users', load: () => import('@/pages/users/UsersPage'), nav: { group: 'customers', label: t.users.title, icon: IconUsers } },
  { of: 'app', path: 'sessions', load: () => import('@/pages/sessions/SessionsPage'), nav: { group: 'customers', label: t.sessions.title, icon: IconDeviceDesktop } },
  { of: 'app', path: 'tokens', load: () => import('@/pages/tokens/TokensPage'), nav: { group: 'customers', label: t.tokens.title, icon: IconTicket } },
  { of: 'app', path: 'variables', load: () => import('@/pages/variables/VariablesPage'), nav: { group: 'program', label: t.variables.title, icon: IconVariable } },
  { of: 'app', path: 'files', load: () => import('@/pages/files/FilesPage'), nav: { group: 'program', label: t.files.title, icon: IconFile } },
  { of: 'app', path: 'webhooks', load: () => import('@/pages/webhooks/WebhooksPage'), nav: { group: 'program', label: t.webhooks.title, icon: IconWebhook } },
  { of: 'app', path: 'chats', load: () => import('@/pages/chats/ChatsPage'), nav: { group: 'program', label: t.chats.title, icon: IconMessages } },
  { of: 'app', path: 'logs', load: () => import('@/pages/logs/LogsPage'), nav: { group: 'program', label: t.logs.title, icon: IconListDetails } },
  { of: 'app', path: 'blacklist', load: () => import('@/pages/access/BlacklistPage'), nav: { group: 'safety', label: t.access.black.title, icon: IconShieldX } },
  { of: 'app', path: 'whitelist', load: () => import('@/pages/access/WhitelistPage'), nav: { group: 'safety', label: t.access.white.title, icon: IconShieldCheck } },
  { of: 'app', path: 'audit', load: () => import('@/pages/audit/AuditPage'), nav: { group: 'safety', label: t.audit.title, icon: IconHistory } },
  { of: 'app', path: 'settings', load: () => import('@/pages/settings/SettingsPage'), nav: { group: 'settings', label: t.settings.title, icon: IconSettings } },

  { of: 'server', path: 'apps', load: () => import('@/pages/apps/AppsPage'), nav: { group: 'server', label: t.apps.title, icon: IconApps } },
  { of: 'server', path: 'server', load: () => import('@/pages/server/ServerPage'), nav: { group: 'server', label: t.server.title, icon: IconServer, administrator: true } },
  { of: 'server', path: 'account', load: () => import('@/pages/account/AccountPage'), nav: { group: 'server', label: t.account.title, icon: IconUser } },
  { of: 'server', path: 'welcome', load: () => import('@/pages/welcome/WelcomePage') },
]

/** The pages that somebody is led to: of the server, and of an application where there is one. */
export const navigable = (app: string, administrator: boolean | undefined) =>
  pages.filter((p) => p.nav && (p.of === 'server' || app) && (!p.nav.administrator || administrator))

/** The address of a page of an application. */
export const appPath = (app: string, path = home) => `/apps/${app}/${path}`

/** The page that an application opens with. */
export const home = pages.find((p) => p.of === 'app')?.path ?? ''

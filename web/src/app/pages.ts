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
  { of: 'app', path: 'overview', load: () => import('@/pages/overview/OverviewPage'), heavy: true, nav: { group: 'sell', label: t.pages.overview, icon: IconChartAreaLine } },
  { of: 'app', path: 'licenses', load: () => import('@/pages/licenses/LicensesPage'), nav: { group: 'sell', label: t.pages.licenses, icon: IconKey } },
  { of: 'app', path: 'subscriptions', load: () => import('@/pages/subscriptions/SubscriptionsPage'), nav: { group: 'sell', label: t.pages.subscriptions, icon: IconStack2 } },
  { of: 'app', path: 'users', load: () => import('@/pages/users/UsersPage'), nav: { group: 'customers', label: t.pages.users, icon: IconUsers } },
  { of: 'app', path: 'sessions', load: () => import('@/pages/sessions/SessionsPage'), nav: { group: 'customers', label: t.pages.sessions, icon: IconDeviceDesktop } },
  { of: 'app', path: 'tokens', load: () => import('@/pages/tokens/TokensPage'), nav: { group: 'customers', label: t.pages.tokens, icon: IconTicket } },
  { of: 'app', path: 'variables', load: () => import('@/pages/variables/VariablesPage'), nav: { group: 'program', label: t.pages.variables, icon: IconVariable } },
  { of: 'app', path: 'files', load: () => import('@/pages/files/FilesPage'), nav: { group: 'program', label: t.pages.files, icon: IconFile } },
  { of: 'app', path: 'webhooks', load: () => import('@/pages/webhooks/WebhooksPage'), nav: { group: 'program', label: t.pages.webhooks, icon: IconWebhook } },
  { of: 'app', path: 'chats', load: () => import('@/pages/chats/ChatsPage'), nav: { group: 'program', label: t.pages.chats, icon: IconMessages } },
  { of: 'app', path: 'logs', load: () => import('@/pages/logs/LogsPage'), nav: { group: 'program', label: t.pages.logs, icon: IconListDetails } },
  { of: 'app', path: 'blacklist', load: () => import('@/pages/access/BlacklistPage'), nav: { group: 'safety', label: t.pages.blacklist, icon: IconShieldX } },
  { of: 'app', path: 'whitelist', load: () => import('@/pages/access/WhitelistPage'), nav: { group: 'safety', label: t.pages.whitelist, icon: IconShieldCheck } },
  { of: 'app', path: 'audit', load: () => import('@/pages/audit/AuditPage'), nav: { group: 'safety', label: t.pages.audit, icon: IconHistory } },
  { of: 'app', path: 'settings', load: () => import('@/pages/settings/SettingsPage'), nav: { group: 'settings', label: t.pages.settings, icon: IconSettings } },

  { of: 'server', path: 'apps', load: () => import('@/pages/apps/AppsPage'), nav: { group: 'server', label: t.pages.apps, icon: IconApps } },
  { of: 'server', path: 'server', load: () => import('@/pages/server/ServerPage'), nav: { group: 'server', label: t.pages.server, icon: IconServer, administrator: true } },
  { of: 'server', path: 'account', load: () => import('@/pages/account/AccountPage'), nav: { group: 'server', label: t.pages.account, icon: IconUser } },
  { of: 'server', path: 'welcome', load: () => import('@/pages/welcome/WelcomePage') },
]

/** The pages that somebody is led to: of the server, and of an application where there is one. */
export const navigable = (app: string, administrator: boolean | undefined) =>
  pages.filter((p) => p.nav && (p.of === 'server' || app) && (!p.nav.administrator || administrator))

/** The address of a page of an application. */
export const appPath = (app: string, path = home) => `/apps/${app}/${path}`

/** The page that an application opens with. */
export const home = pages.find((p) => p.of === 'app')?.path ?? ''

import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight } from '@mantine/spotlight'
import '@mantine/spotlight/styles.css'
import { useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconKey, IconLogout, IconMoon, IconPlus, IconSearch, IconSun, IconUser } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { api, take } from '@/api/client'
import { t } from '@/strings'
import { AppMark } from './AppMark'
import { appsQuery, useNavigatedApp } from './apps'
import { appPath, navigable } from './pages'
import classes from './Palette.module.css'
import { useAccount } from './session'
import { useSignOut } from './signOut'

const few = 5

interface Creation {
  what: keyof typeof t.palette.create
  /** A page of the application, or of the server. */
  at: string
  search: Record<string, string>
}

const creations: Creation[] = [
  { what: 'licenses', at: 'licenses', search: { dialog: 'create' } },
  { what: 'importLicenses', at: 'licenses', search: { dialog: 'import' } },
  { what: 'user', at: 'users', search: { dialog: 'create' } },
  { what: 'subscription', at: 'subscriptions', search: { dialog: 'create' } },
  { what: 'token', at: 'tokens', search: { dialog: 'create' } },
  { what: 'tokens', at: 'tokens', search: { dialog: 'many' } },
  { what: 'variable', at: 'variables', search: { dialog: 'create' } },
  { what: 'file', at: 'files', search: { dialog: 'upload' } },
  { what: 'fileLink', at: 'files', search: { dialog: 'link' } },
  { what: 'webhook', at: 'webhooks', search: { dialog: 'create' } },
  { what: 'chat', at: 'chats', search: { dialog: 'create' } },
  { what: 'blacklist', at: 'blacklist', search: { dialog: 'create' } },
  { what: 'whitelist', at: 'whitelist', search: { dialog: 'create' } },
  { what: 'app', at: '/apps', search: { new: '1' } },
]

/** Jumps anywhere: Ctrl+K. */
export default function Palette() {
  const [query, setQuery] = useState('')
  const [asked] = useDebouncedValue(query.trim(), 200)
  const app = useNavigatedApp()
  const navigate = useNavigate()
  const account = useAccount()
  const signOut = useSignOut()
  const { setColorScheme } = useMantineColorScheme()
  const { data: apps = [] } = useQuery(appsQuery)
  const ask = Boolean(app) && asked.length >= 2
  const found = useQuery({
    queryKey: ['palette', app, asked],
    queryFn: async ({ signal }) => {
      const path = { app }
      const [licenses, users] = await Promise.all([
        take(api.GET('/apps/{app}/licenses', { params: { path, query: { search: asked, limit: few } }, signal })),
        take(api.GET('/apps/{app}/users', { params: { path, query: { search: asked, limit: few } }, signal })),
      ])
      return { licenses: licenses.licenses, users: users.users }
    },
    enabled: ask,
  })
  // What was found for other words is not shown: Enter, pressed at once, would go there.
  const here = ask && asked === query.trim() ? found.data : undefined
  // Enter takes what is marked: the first, also of what came after the last key.
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!list.current?.querySelector('[data-selected]')) list.current?.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  }, [here])
  const close = (to: string, search?: Record<string, string>) => () => void navigate({ to, search: (search ?? {}) as never })
  const words = query.trim().toLowerCase()
  const has = (label: string) => label.toLowerCase().includes(words)
  const shownPages = navigable(app, account?.administrator).filter((p) => p.nav && has(p.nav.label))
  const shownApps = apps.filter((a) => has(a.name)).slice(0, few)
  const commands = [
    ...creations.filter((c) => c.at === '/apps' || app).map((c) => ({ label: t.palette.create[c.what], icon: IconPlus, run: close(c.at === '/apps' ? c.at : appPath(app, c.at), c.search) })),
    { label: t.palette.colors(t.shell.light), icon: IconSun, run: () => { setColorScheme('light') } },
    { label: t.palette.colors(t.shell.dark), icon: IconMoon, run: () => { setColorScheme('dark') } },
    { label: t.palette.signOut, icon: IconLogout, run: () => void signOut() },
  ].filter((c) => has(c.label))
  const licenses = here?.licenses ?? []
  const users = here?.users ?? []
  const nothing = shownPages.length + shownApps.length + commands.length + licenses.length + users.length === 0

  return (
    <Spotlight.Root query={query} onQueryChange={setQuery} shortcut={null} scrollable maxHeight={420} radius="lg" size={560} classNames={{ action: classes.action }} attributes={{ content: { 'aria-label': t.shell.search } }}>
      <Spotlight.Search placeholder={t.palette.placeholder} aria-label={t.shell.search} leftSection={<IconSearch size={18} stroke={1.6} aria-hidden />} />
      <Spotlight.ActionsList ref={list}>
        {licenses.length > 0 && (
          <Spotlight.ActionsGroup label={t.palette.licenses}>
            {licenses.map((l) => (
              <Spotlight.Action
                key={l.id}
                label={l.key}
                description={[t.licenses.status[l.status], l.note].filter(Boolean).join(' · ')}
                leftSection={<IconKey size={18} stroke={1.6} aria-hidden />}
                onClick={close(appPath(app, 'licenses'), { open: l.id })}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {users.length > 0 && (
          <Spotlight.ActionsGroup label={t.palette.users}>
            {users.map((u) => (
              <Spotlight.Action
                key={u.id}
                label={u.username}
                description={u.email}
                leftSection={<IconUser size={18} stroke={1.6} aria-hidden />}
                onClick={close(appPath(app, 'users'), { open: u.id })}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {shownPages.length > 0 && (
          <Spotlight.ActionsGroup label={t.palette.pages}>
            {shownPages.map((p) => {
              const Symbol = p.nav?.icon ?? IconSearch
              return (
                <Spotlight.Action
                  key={p.path}
                  label={p.nav?.label}
                  leftSection={<Symbol size={18} stroke={1.6} aria-hidden />}
                  onClick={close(p.of === 'app' ? appPath(app, p.path) : `/${p.path}`)}
                />
              )
            })}
          </Spotlight.ActionsGroup>
        )}
        {shownApps.length > 0 && (
          <Spotlight.ActionsGroup label={t.palette.applications}>
            {shownApps.map((a) => (
              <Spotlight.Action key={a.id} label={a.name} leftSection={<AppMark name={a.name} size={20} />} onClick={close(appPath(a.id))} />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {commands.length > 0 && (
          <Spotlight.ActionsGroup label={t.palette.commands}>
            {commands.map((c) => (
              <Spotlight.Action key={c.label} label={c.label} leftSection={<c.icon size={18} stroke={1.6} aria-hidden />} onClick={c.run} />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {nothing && <Spotlight.Empty>{found.isFetching || asked !== query.trim() ? t.palette.finding : t.palette.nothing}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

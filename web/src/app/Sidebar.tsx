import { Kbd, Text } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { Link, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { t } from '@/strings'
import { AccountMenu } from './AccountMenu'
import { warm } from './ahead'
import { AppSwitcher } from './AppSwitcher'
import { useNavigatedApp } from './apps'
import { Logo } from './Logo'
import { appPath, type Group, navigable, type PageRow } from './pages'
import { useAccount } from './session'
import classes from './Sidebar.module.css'

const order: Group[] = ['sell', 'customers', 'program', 'safety', 'settings', 'server']

/** Which application, which page, who. */
export function Sidebar() {
  const app = useNavigatedApp()
  const administrator = useAccount()?.administrator
  const shown = navigable(app, administrator)
  // On a low screen the navigation scrolls: where one is shall be seen.
  const body = useRef<HTMLDivElement>(null)
  const pathname = useLocation({ select: (l) => l.pathname })
  useEffect(() => {
    // With the frame's own layout, which costs no second one.
    const frame = requestAnimationFrame(() => body.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: 'nearest' }))
    return () => {
      cancelAnimationFrame(frame)
    }
  }, [pathname])
  useEffect(() => {
    void warm(navigable('any', administrator))
  }, [administrator])
  return (
    <div className={classes.root}>
      <div className={classes.brand}>
        <Link to="/" className={classes.home}>
          <Logo />
        </Link>
      </div>
      <AppSwitcher />
      <button type="button" className={classes.find} onClick={spotlight.open}>
        <IconSearch size={15} aria-hidden />
        <span>{t.shell.search}</span>
        <Kbd size="xs" aria-hidden>
          {isMac ? '⌘' : 'Ctrl'} K
        </Kbd>
      </button>
      <div className={classes.scroll} ref={body}>
        {order.map((group) => {
          const rows = shown.filter((p) => p.nav?.group === group)
          return rows.length === 0 ? null : (
            <div key={group} className={classes.group}>
              <Text size="xs" c="dimmed" fw={500} px={10} pb={4}>
                {t.shell.groups[group]}
              </Text>
              {rows.map((p) => (
                <Item key={p.path} page={p} app={app} />
              ))}
            </div>
          )
        })}
      </div>
      <AccountMenu />
    </div>
  )
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)

function Item({ page, app }: { page: PageRow; app: string }) {
  if (!page.nav) return null
  const Symbol = page.nav.icon
  return (
    <Link to={page.of === 'app' ? appPath(app, page.path) : `/${page.path}`} className={classes.item} activeOptions={{ exact: page.of === 'server', includeSearch: false }}>
      <Symbol size={17} stroke={1.7} aria-hidden />
      {page.nav.label}
    </Link>
  )
}

import { AppShell, Burger, Button, Group, Text, VisuallyHidden } from '@mantine/core'
import { useDisclosure, useHotkeys, useMediaQuery } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconCloudOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { tryNow, useConnectionLost } from '@/api/connection'
import { t } from '@/strings'
import { Hints } from '@/ui/Hints'
import { AppMark } from './AppMark'
import { appsQuery, useAppId } from './apps'
import { Logo } from './Logo'
import { Sidebar } from './Sidebar'
import classes from './Shell.module.css'

const Palette = lazy(() => import('./Palette'))

/** The frame of every page behind the sign-in. */
export function Shell() {
  // Heard from the first moment on, also inside of fields, where Mantine's own shortcut is not in force.
  useHotkeys([['mod+K', spotlight.toggle]], [])
  const [opened, { toggle, close }] = useDisclosure()
  const pathname = useLocation({ select: (l) => l.pathname })
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const here = useAppId()
  const { data: apps } = useQuery(appsQuery)
  const current = apps?.find((a) => a.id === here)
  useEffect(() => {
    close()
  }, [pathname, close])
  return (
    <>
      <a className={classes.skip} href="#content">
        {t.shell.skip}
      </a>
      <AppShell
        navbar={{ width: 244, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        header={{ height: 52, collapsed: !narrow }}
        classNames={{ navbar: classes.navbar, header: classes.top, main: classes.main }}
      >
        {narrow && (
          <AppShell.Header>
            <Group h="100%" px="md" justify="space-between" wrap="nowrap">
              {current ? <Current name={current.name} /> : <Logo />}
              <Burger opened={opened} onClick={toggle} size="sm" aria-label={t.shell.openNavigation} aria-expanded={opened} />
            </Group>
          </AppShell.Header>
        )}
        <AppShell.Navbar aria-label={t.shell.navigation} inert={narrow && !opened}>
          <Sidebar />
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1}>
          <Lost />
          <Outlet />
        </AppShell.Main>
      </AppShell>
      <Hints />
      <Suspense>
        <Palette />
      </Suspense>
    </>
  )
}

/** Whose pages these are, where the navigation that says so is put away. */
function Current({ name }: { name: string }) {
  return (
    <Group gap={10} wrap="nowrap" miw={0}>
      <AppMark name={name} />
      <Text fw={550} truncate>
        {name}
      </Text>
    </Group>
  )
}

function Lost() {
  const lost = useConnectionLost()
  return (
    <div role="status">
      {lost && (
        <div className={classes.lost}>
          <IconCloudOff size={16} aria-hidden />
          <Text size="sm">{t.shell.lost}</Text>
          <Button size="compact-xs" variant="default" onClick={tryNow}>
            {t.shell.tryNow}
          </Button>
        </div>
      )}
      {!lost && <VisuallyHidden />}
    </div>
  )
}

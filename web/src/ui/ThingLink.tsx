import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { appPath } from '@/app/pages'
import { Cut } from './Cut'

/** Leads to a thing on the page of its kind, opened there. */
export function ThingLink({ app, page, id, children = id }: { app: string; page: 'licenses' | 'users'; id: string; children?: string }) {
  return (
    <Anchor component={Link} to={appPath(app, page)} search={{ open: id } as never} inherit underline="always">
      <Cut>{children}</Cut>
    </Anchor>
  )
}

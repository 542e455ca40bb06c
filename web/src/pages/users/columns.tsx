import type { Schema, User } from '@/api/client'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import type { Column } from '@/ui/list'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'

const words = t.users
export type Holding = Schema['Holding']

/** What decides whether the user may sign in now, in a word. */
export function State({ user }: { user: User }) {
  if (user.banned_at) return <StatusDot tone="bad">{words.state.banned}</StatusDot>
  if (user.subscriptions.some((s) => s.status === 'active')) return <StatusDot tone="good">{words.state.active}</StatusDot>
  if (user.subscriptions.some((s) => s.status === 'paused')) return <StatusDot tone="warn">{words.state.paused}</StatusDot>
  return <StatusDot tone="quiet">{words.state.none}</StatusDot>
}

/** The user's name; a license key is set as one. */
export function UserName({ user }: { user: Pick<User, 'username' | 'license_named'> }) {
  if (user.license_named) return <CopyCell value={user.username} what={words.details.copyName} />
  return (
    <Cut most={290} strong>
      {user.username}
    </Cut>
  )
}

/** How long a holding still lasts. */
export function Left({ holding }: { holding: Holding }) {
  if (holding.status === 'expired') return <>{words.details.expired}</>
  if (holding.lifetime) return <>{words.details.lifetime}</>
  return <Time at={holding.expires_at} />
}

function Holdings({ user }: { user: User }) {
  const [first, ...rest] = user.subscriptions
  if (!first) return null
  return (
    <span>
      {first.name}{' '}
      <span className="lk-dim">
        <Left holding={first} />
        {rest.length > 0 && <span data-hint={rest.map((s) => s.name).join(', ')}> {words.more(rest.length)}</span>}
      </span>
    </span>
  )
}

export const columns: Column<User>[] = [
  { id: 'name', title: words.field.name, width: 224, always: true, sort: 'name', rises: true, card: 'title', name: (u) => u.username, render: (u) => <UserName user={u} /> },
  { id: 'state', title: words.field.state, width: 124, card: 'side', render: (u) => <State user={u} /> },
  { id: 'subscriptions', title: words.field.subscriptions, width: 170, render: (u) => <Holdings user={u} /> },
  { id: 'devices', title: words.field.devices, width: 80, align: 'right', render: (u) => number(u.devices.length) },
  { id: 'email', title: words.field.email, width: 190, render: (u) => u.email && <CopyCell value={u.email} what={`${t.common.copy}: ${words.field.email}`} /> },
  { id: 'last', title: words.field.lastSignIn, width: 122, render: (u) => <Time at={u.last_sign_in_at} /> },
  { id: 'ip', title: words.field.lastIP, width: 160, hidden: true, card: 'off', render: (u) => u.last_ip && <CopyCell value={u.last_ip} what={`${t.common.copy}: ${words.field.lastIP}`} /> },
  { id: 'created', title: words.field.created, width: 122, sort: 'created', card: 'off', render: (u) => <Time at={u.created_at} /> },
  { id: 'id', title: words.field.id, width: 280, hidden: true, card: 'off', render: (u) => <CopyCell value={u.id} what={`${t.common.copy}: ${words.field.id}`} /> },
]

// Who is narrowed by when their time ends is sorted by that alone.
export const columnsByEnd = columns.map((c) => ({ ...c, sort: c.id === 'subscriptions' ? 'ends' : undefined, rises: true }))

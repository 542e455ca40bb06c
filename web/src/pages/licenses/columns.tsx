import { Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { License, Subscription } from '@/api/client'
import { useAccount } from '@/app/session'
import { said } from '@/rules/duration'
import { t } from '@/strings'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import type { Column } from '@/ui/list'
import { StatusDot, type Tone } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'

const words = t.licenses.field
const tones: Record<License['status'], Tone> = { not_used: 'info', used: 'good', banned: 'bad' }

export function Status({ license }: { license: License }) {
  return <StatusDot tone={tones[license.status]}>{t.licenses.status[license.status]}</StatusDot>
}

/** The subscriptions that a level gives, by name. */
export function LevelName({ level, subscriptions }: { level: number; subscriptions: Subscription[] }) {
  const names = subscriptions.filter((s) => s.level === level).map((s) => s.name)
  return (
    <span>
      {names.join(', ')} <span className="lk-dim">{level}</span>
      {names.length === 0 && subscriptions.length > 0 && (
        <IconAlertTriangle
          size={14}
          color="var(--mantine-color-orange-6)"
          aria-label={t.licenses.noSubscription}
          data-hint={t.licenses.noSubscription}
          role="img"
          style={{ marginInlineStart: 4, verticalAlign: '-2px' }}
        />
      )}
    </span>
  )
}

export function Actor({ id }: { id: string }) {
  const me = useAccount()
  if (id === me?.id) return t.licenses.you
  return (
    <Text span size="sm" c="dimmed" ff="monospace">
      {id}
    </Text>
  )
}

/** used: the list is of used licenses alone, which their redemptions sort. */
export function columns(subscriptions: Subscription[], used: boolean): Column<License>[] {
  return [
    { id: 'key', title: words.key, width: 360, always: true, card: 'title', render: (l) => <CopyCell value={l.key} what={t.licenses.details.copyKey} /> },
    { id: 'status', title: words.status, width: 100, card: 'side', render: (l) => <Status license={l} /> },
    { id: 'level', title: words.subscription, width: 108, render: (l) => <LevelName level={l.level} subscriptions={subscriptions} /> },
    { id: 'duration', title: words.duration, width: 88, render: (l) => said(l.duration) },
    {
      id: 'note',
      title: words.note,
      width: 128,
      render: (l) => l.note && <Cut most={220}>{l.note}</Cut>,
    },
    { id: 'created', title: words.created, width: 122, sort: 'created', render: (l) => <Time at={l.created_at} /> },
    { id: 'created_by', title: words.createdBy, width: 120, hidden: true, card: 'off', render: (l) => <Actor id={l.created_by} /> },
    { id: 'used', title: words.used, width: 122, sort: used ? 'used' : undefined, card: 'off', render: (l) => <Time at={l.used_at} /> },
    {
      id: 'used_by',
      title: words.usedBy,
      width: 140,
      hidden: true,
      render: (l) => l.used_by_name,
    },
  ]
}

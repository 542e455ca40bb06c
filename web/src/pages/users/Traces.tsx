import { Anchor, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { appPath } from '@/app/pages'
import { useAccount } from '@/app/session'
import { inWords } from '@/pages/audit/sentence'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { Time } from '@/ui/Time'
import { latest, userAuditQuery, userLogsQuery } from './data'

const words = t.users.details

interface Trace {
  id: string
  at: string
  text: string
  beside?: string
}

/** What a user's program has reported last. */
export function LogLines({ app, user }: { app: string; user: string }) {
  const { data, error, refetch } = useQuery(userLogsQuery(app, user))
  const rows = data?.map((l) => ({ id: l.id, at: l.created_at, text: l.message, beside: l.device }))
  return <Traces rows={rows} error={error} retry={() => void refetch()} none={words.noLogs} all={words.allLogs} to={appPath(app, 'logs')} search={{ user }} />
}

/** What was done to a user last, and by whom. */
export function AuditEvents({ app, user }: { app: string; user: string }) {
  const me = useAccount()
  const { data, error, refetch } = useQuery(userAuditQuery(app, user))
  const rows = data?.map((e) => ({ id: String(e.seq), at: e.at, text: inWords(e, me?.id), beside: e.ip }))
  return <Traces rows={rows} error={error} retry={() => void refetch()} none={words.noEvents} all={words.allEvents} to={appPath(app, 'audit')} search={{ target: user }} />
}

interface Props {
  rows?: Trace[]
  error: unknown
  retry: () => void
  none: string
  all: string
  to: string
  search: Record<string, string>
}

function Traces({ rows, error, retry, none, all, to, search }: Props) {
  if (error) return <Failure error={error} retry={retry} />
  if (!rows) return <Skeleton height={120} />
  if (rows.length === 0) return <Text c="dimmed">{none}</Text>
  return (
    <Stack gap={6}>
      {rows.map((r) => (
        <Group key={r.id} justify="space-between" gap="xs" wrap="nowrap" align="baseline">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{r.text}</bdi>
            {r.beside && (
              <Text span size="sm" c="dimmed">
                {' · '}
                <bdi>{r.beside}</bdi>
              </Text>
            )}
          </Text>
          <Text size="sm" c="dimmed" style={{ flexShrink: 0 }}>
            <Time at={r.at} />
          </Text>
        </Group>
      ))}
      {rows.length === latest && (
        <Anchor component={Link} to={to} search={search as never} size="sm" underline="always" mt="xs">
          {all}
        </Anchor>
      )}
    </Stack>
  )
}

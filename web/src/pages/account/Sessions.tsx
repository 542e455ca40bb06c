import { Badge, Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/strings'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { Failure } from '@/ui/Failure'
import { Time } from '@/ui/Time'
import { agent } from './agent'
import { endSession, sessionsQuery } from './data'

const words = t.account.sessions

/** Where the account is signed in. */
export function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery)
  const [asked, ask] = useState<{ id: string; name: string }>()
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton height={160} />
  return (
    <Stack gap="sm">
      <Text c="dimmed">{words.lead}</Text>
      {data.map((s) => (
        <Paper key={s.id} withBorder p="md">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <Group gap="xs">
                <Text fw={600}>{agent(s.user_agent)}</Text>
                {s.current && <Badge variant="light">{words.current}</Badge>}
              </Group>
              <Text size="sm" c="dimmed">
                <span>{s.ip}</span> · {words.began} <Time at={s.created_at} /> · {words.seen} <Time at={s.last_seen_at} />
              </Text>
              <Text size="xs" c="dimmed" truncate title={s.user_agent}>
                {s.user_agent}
              </Text>
            </div>
            {!s.current && (
              <Button
                variant="default"
                size="compact-sm"
                flex="none"
                onClick={() => {
                  ask({ id: s.id, name: agent(s.user_agent) })
                }}
              >
                {words.end}
              </Button>
            )}
          </Group>
        </Paper>
      ))}
      <DeleteDialog of={asked} onClose={() => { ask(undefined) }} words={words.ask} run={(s) => endSession(s.id)} />
    </Stack>
  )
}

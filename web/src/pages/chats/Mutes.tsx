import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { Drawer } from '@/ui/Layer'
import { done, failed } from '@/ui/notify'
import { Time } from '@/ui/Time'
import { mutesQuery, unmute } from './data'

const words = t.chats.mutes

/** Who may read but not write. */
export function Mutes({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const { data, error, refetch } = useQuery({ ...mutesQuery(app), enabled: opened })
  return (
    <Drawer opened={opened} onClose={onClose} title={words.title}>
      {error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton height={120} />
      ) : data.length === 0 ? (
        <Text c="dimmed">{words.none}</Text>
      ) : (
        <Stack gap="sm">
          {data.map((m) => (
            <Group key={m.id} justify="space-between" wrap="nowrap">
              <div style={{ minWidth: 0 }}>
                <Text fw={600} truncate>
                  {m.username}
                </Text>
                <Text size="sm" c="dimmed">
                  {words.until} <Time at={m.until} /> {m.reason && `· ${m.reason}`}
                </Text>
              </div>
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => {
                  unmute(app, m.id).then(() => {
                    done(words.lifted)
                  }, failed)
                }}
              >
                {words.lift}
              </Button>
            </Group>
          ))}
        </Stack>
      )}
    </Drawer>
  )
}

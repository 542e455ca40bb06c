import { Paper, SimpleGrid, Skeleton, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useParam } from '@/app/params'
import { useAccount } from '@/app/session'
import { AuditLog } from '@/pages/audit/AuditLog'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { Facts } from '@/ui/Facts'
import { Failure } from '@/ui/Failure'
import { Page } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Tile } from '@/ui/Tile'
import { Time } from '@/ui/Time'
import { Accounts } from './Accounts'
import { type Status, statusQuery } from './data'

const words = t.server

export default function ServerPage() {
  const me = useAccount()
  const navigate = useNavigate()
  const tab = useParam('tab') === 'audit' ? 'audit' : 'status'
  const { data, error, refetch } = useQuery({ ...statusQuery, enabled: me?.administrator === true })
  if (me && !me.administrator) {
    return (
      <Page title={words.title}>
        <Text>{words.denied}</Text>
      </Page>
    )
  }
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs value={tab} onChange={(v) => void navigate({ to: '.', search: (v === 'audit' ? { tab: v } : {}) as never })} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="status">{words.tabs.status}</Tabs.Tab>
          <Tabs.Tab value="audit">{words.tabs.audit}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="status">
          {error && !data ? (
            <Failure error={error} retry={() => void refetch()} />
          ) : data ? (
            <>
              <Health status={data} />
              <Accounts />
            </>
          ) : (
            <Skeleton height={320} radius="lg" />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Text c="dimmed" size="sm" mb="md">
            {t.audit.serverLead}
          </Text>
          <AuditLog app="" label={t.audit.serverTitle} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Health({ status: s }: { status: Status }) {
  const f = words.field
  const waiting = s.deliveries.waiting + s.deliveries.failed
  return (
    <Stack mb="xl">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="sm">
        <Tile label={words.tile.database} value={words.mib(s.database_bytes)} note={words.engine[s.database] ?? s.database} />
        <Tile label={words.tile.memory} value={words.mib(s.memory_bytes)} />
        <Tile label={words.tile.free} value={s.free_bytes ? words.mib(s.free_bytes) : '–'} />
        <Tile label={words.tile.waiting} value={number(waiting)} note={s.deliveries.failed > 0 ? words.deliveries(s.deliveries.waiting, s.deliveries.failed) : undefined} tone={s.deliveries.failed > 0 ? 'bad' : undefined} />
      </SimpleGrid>
      <Paper withBorder p="md">
        <Facts
          rows={[
            [f.version, s.version],
            [f.started, <Time key="s" at={s.started_at} />],
            [f.apps, number(s.apps)],
            [f.writes, number(s.writes_waiting)],
            [f.passwords, words.busy(s.passwords_busy, s.passwords_slots)],
            [f.deliveries, words.deliveries(s.deliveries.waiting, s.deliveries.failed)],
            [f.files, <StatusDot key="f" tone={s.files_reachable ? 'good' : 'bad'}>{s.files_reachable ? words.files[s.file_store] : words.filesGone}</StatusDot>],
            [f.mail, <StatusDot key="m" tone={s.mail ? 'good' : 'quiet'}>{s.mail ? words.mailOn : words.mailOff}</StatusDot>],
            [f.locations, <StatusDot key="l" tone={s.locations ? 'good' : 'quiet'}>{s.locations ? words.locationsOn : words.locationsOff}</StatusDot>],
          ]}
        />
        <Text size="sm" c="dimmed" mt="sm">
          {words.how}
        </Text>
      </Paper>
    </Stack>
  )
}

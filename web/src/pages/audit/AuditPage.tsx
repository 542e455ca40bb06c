import { Code, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { IconHistory, IconListDetails } from '@tabler/icons-react'
import { useState } from 'react'
import { api, type Schema, take } from '@/api/client'
import { useApp } from '@/app/apps'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Cut } from '@/ui/Cut'
import { Drawer } from '@/ui/Layer'
import { type Column, DataList, RowItem, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'

type Event = Schema['AuditEvent']
const words = t.audit

export default function AuditPage() {
  const app = useApp()
  const state = useListState()
  const [open, show] = useState<Event>()
  const answer = useQuery({
    queryKey: ['app', app.id, 'audit', state.limit, state.cursor],
    queryFn: async ({ signal }) => {
      const page = await take(
        api.GET('/apps/{app}/audit-events', { params: { path: { app: app.id }, query: { limit: state.limit, cursor: state.cursor || undefined } }, signal }),
      )
      return { rows: page.audit_events, next: page.next }
    },
    placeholderData: keepPreviousData,
  })
  return (
    <Page title={words.title} lead={words.lead}>
      <DataList<Event>
        id="audit"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(e) => String(e.seq)}
        empty={{ icon: IconHistory, title: words.empty.title, text: words.empty.text }}
        onOpen={show}
        rowMenu={(e) => (
          <RowItem icon={IconListDetails} onClick={() => { show(e) }}>
            {t.common.details}
          </RowItem>
        )}
      />
      <Once when={Boolean(open)}>
        <Drawer opened={Boolean(open)} onClose={() => { show(undefined) }} title={words.entry} size="lg">
          {open && <Entry event={open} />}
        </Drawer>
      </Once>
    </Page>
  )
}

function Entry({ event: e }: { event: Event }) {
  const f = words.field
  return (
    <Stack>
      <Facts
        rows={[
          [f.action, <Code key="a">{e.action}</Code>],
          [f.at, <Time key="t" at={e.at} exact />],
          [f.who, <Who key="w" event={e} />],
          [f.target, e.target_id && <CopyCell key="o" value={e.target_id} what={`${t.common.copy}: ${f.target}`} />],
          [f.ip, e.ip],
          [f.request, e.request_id && <CopyCell key="r" value={e.request_id} what={`${t.common.copy}: ${f.request}`} />],
          [f.seq, number(e.seq)],
          [f.hash, <CopyCell key="h" value={e.hash} what={`${t.common.copy}: ${f.hash}`} />],
        ]}
      />
      {Object.keys(e.details).length > 0 && (
        <Code block aria-label={f.details}>
          {JSON.stringify(e.details, null, 2)}
        </Code>
      )}
    </Stack>
  )
}

function Who({ event: e }: { event: Event }) {
  const me = useAccount()
  if (e.actor_id && e.actor_id === me?.id) return words.you
  return (
    <span>
      {words.actor[e.actor_kind] ?? e.actor_kind}{' '}
      {e.actor_id && (
        <Text span size="sm" c="dimmed" ff="monospace">
          {e.actor_id}
        </Text>
      )}
    </span>
  )
}

/** Details in a line: fields=version, amount=3. */
const brief = (details: Event['details']) =>
  Object.entries(details)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' · ')

const columns: Column<Event>[] = [
  { id: 'at', title: words.field.at, width: 140, always: true, card: 'side', render: (e) => <Time at={e.at} /> },
  { id: 'action', title: words.field.action, width: 210, always: true, card: 'title', render: (e) => <Code>{e.action}</Code> },
  {
    id: 'who',
    title: words.field.who,
    width: 200,
    render: (e) => (
      <Text size="sm" truncate maw={300} component="div">
        <Who event={e} />
      </Text>
    ),
  },
  { id: 'details', title: words.field.details, width: 320, render: (e) => <Cut most={420}>{brief(e.details)}</Cut> },
  { id: 'target', title: words.field.target, width: 280, hidden: true, card: 'off', render: (e) => e.target_id && <CopyCell value={e.target_id} what={`${t.common.copy}: ${words.field.target}`} /> },
  { id: 'ip', title: words.field.ip, width: 150, card: 'off', render: (e) => e.ip },
  { id: 'seq', title: words.field.seq, width: 80, hidden: true, card: 'off', align: 'right', render: (e) => number(e.seq) },
]

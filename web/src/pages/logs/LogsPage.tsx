import { Button, Drawer, Group, Menu, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconBrandDiscord, IconDeviceDesktop, IconListDetails, IconTrash, IconUser } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import { type Ahead, appPath } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Cut } from '@/ui/Cut'
import { type Column, DataList, type Selected, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { countLines, deletable, deleteLines, exportHref, type Line, list, logsQuery } from './data'
import { Deliveries } from './Deliveries'
import { WebhookDrawer } from './WebhookDrawer'

const words = t.logs

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(logsQuery(app, shownBy(list, params)))
}

export default function LogsPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(logsQuery(app.id, state))
  const navigate = useNavigate()
  const [open, show] = useState<Line>()
  const [posting, post] = useState(false)
  const [asked, ask] = useState<{ selected: Selected<Line>; clear?: () => void }>()
  const toUser = (l: Line) => void navigate({ to: appPath(app.id, 'users'), search: { open: l.user_id } as never })
  const { user, device } = state.filters
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <Button
          variant="default"
          leftSection={<IconBrandDiscord size={16} />}
          onClick={() => {
            post(true)
          }}
        >
          {words.webhook.action}
        </Button>
      }
    >
      <Deliveries app={app.id} />
      <DataList<Line>
        id="logs"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(l) => l.id}
        searchHint={words.searchHint}
        filters={
          <>
            {user && <Chip text={words.ofUser} remove={() => { state.setFilter('user', '') }} />}
            {device && <Chip text={`${words.device}: ${device}`} remove={() => { state.setFilter('device', '') }} />}
          </>
        }
        exports={(['csv', 'json', 'ndjson'] as const).map((format) => ({ label: words.export[format], href: exportHref(app.id, state, format) }))}
        empty={{ icon: IconListDetails, title: words.empty.title, text: words.empty.text }}
        onOpen={show}
        rowMenu={(l) => (
          <>
            {l.user_id && (
              <Menu.Item leftSection={<IconUser size={16} />} onClick={() => { toUser(l) }}>
                {words.openUser}
              </Menu.Item>
            )}
            {l.device && (
              <Menu.Item leftSection={<IconDeviceDesktop size={16} />} onClick={() => { state.setFilter('device', l.device ?? '') }}>
                {words.onlyDevice}
              </Menu.Item>
            )}
            {(l.user_id ?? l.device) && <Menu.Divider />}
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => { ask({ selected: { kind: 'rows', rows: [l] } }) }}>
              {words.remove.action}
            </Menu.Item>
          </>
        )}
        bulk={(selected, clear) => (
          <Button size="compact-sm" variant="default" c="red" onClick={() => { ask({ selected, clear }) }}>
            {words.remove.action}
          </Button>
        )}
      />
      <Drawer opened={Boolean(open)} onClose={() => { show(undefined) }} title={words.entry} size="md">
        {open && (
          <Stack>
            <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{open.message}</Text>
            <Facts
              rows={[
                [words.field.at, <Time key="t" at={open.created_at} exact />],
                [words.field.user, open.username && <CopyCell key="u" value={open.username} what={`${t.common.copy}: ${words.field.user}`} />],
                [words.field.device, open.device],
                [words.field.ip, open.ip && <CopyCell key="i" value={open.ip} what={`${t.common.copy}: ${words.field.ip}`} />],
                [words.field.id, <CopyCell key="d" value={open.id} what={`${t.common.copy}: ${words.field.id}`} />],
              ]}
            />
            {open.user_id && (
              <Group>
                <Button variant="default" leftSection={<IconUser size={16} />} onClick={() => { toUser(open) }}>
                  {words.openUser}
                </Button>
              </Group>
            )}
          </Stack>
        )}
      </Drawer>
      <WebhookDrawer app={app.id} opened={posting} onClose={() => { post(false) }} />
      <ActionDialog
        opened={Boolean(asked)}
        onClose={() => { ask(undefined) }}
        title={words.remove.title(asked?.selected.kind === 'rows' ? asked.selected.rows.length : undefined)}
        text={words.remove.text}
        danger
        label={(p) => words.remove.submit(p?.changes)}
        preview={{
          key: [app.id, 'logs', 'delete', asked?.selected.kind === 'rows' ? asked.selected.rows.map((l) => l.id) : [state.search, state.filters]],
          load: async (signal) => {
            if (asked && !deletable(asked.selected, state)) return { changes: 0, lines: [words.remove.notSearch] }
            const n = asked ? await countLines(app.id, asked.selected, state, signal) : 0
            return { changes: n, lines: [n === 0 ? words.remove.nothing : words.remove.will(n)] }
          },
        }}
        run={async (report, signal) => {
          if (!asked) return
          done(words.remove.done(await deleteLines(app.id, asked.selected, state, report, signal)))
          asked.clear?.()
        }}
      />
    </Page>
  )
}

function Chip({ text, remove }: { text: string; remove: () => void }) {
  return (
    <Button variant="light" size="compact-md" onClick={remove}>
      {text} ×
    </Button>
  )
}

const columns: Column<Line>[] = [
  {
    id: 'message',
    title: words.field.message,
    width: 420,
    always: true,
    card: 'title',
    render: (l) => <Cut most={560}>{l.message}</Cut>,
  },
  { id: 'at', title: words.field.at, width: 140, sort: 'created', card: 'side', render: (l) => <Time at={l.created_at} /> },
  {
    id: 'user',
    title: words.field.user,
    width: 220,
    render: (l) =>
      l.username ? (
        l.license_named ? <CopyCell value={l.username} what={`${t.common.copy}: ${words.field.user}`} /> : l.username
      ) : (
        <Text size="sm" c="dimmed">
          {words.nobody}
        </Text>
      ),
  },
  { id: 'device', title: words.field.device, width: 180, render: (l) => l.device },
  { id: 'ip', title: words.field.ip, width: 160, card: 'off', render: (l) => l.ip && <CopyCell value={l.ip} what={`${t.common.copy}: ${words.field.ip}`} /> },
]

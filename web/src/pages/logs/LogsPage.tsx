import { Button, Group, Menu, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconBrandDiscord, IconDeviceDesktop, IconListDetails, IconTrash, IconUser } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import { type Ahead, appPath } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Cut } from '@/ui/Cut'
import { Drawer } from '@/ui/Layer'
import { BulkButton, type Column, DataList, RowItem, type Selected, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { useSeen } from '@/ui/useSeen'
import { countLines, deletable, deleteLines, exportHref, type Line, lineQuery, list, logsQuery } from './data'
import { Deliveries } from './Deliveries'
import { WebhookDrawer } from './WebhookDrawer'

const words = t.logs

type Task = { what: 'remove'; selected: Selected<Line>; clear?: () => void }

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(logsQuery(app, shownBy(list, params)))
}

export default function LogsPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(logsQuery(app.id, state))
  const navigate = useNavigate()
  const { open, dialog, show } = useOpened()
  const close = () => void show({ open: undefined, dialog: undefined })
  const [task, start] = useState<Task>()
  const last = useLast(task)
  const stop = () => {
    start(undefined)
  }
  const toUser = (l: Line) => void navigate({ to: appPath(app.id, 'users'), search: { open: l.user_id } as never })
  const { user, device } = state.filters
  const here = answer.data?.rows.find((l) => l.id === open)
  const one = useQuery(lineQuery(app.id, answer.data && !here ? open : undefined))
  const line = useSeen(open, here ?? one.data)
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <PageButton plain icon={IconBrandDiscord} onClick={() => void show({ dialog: 'webhook' })}>
          {words.webhook.action}
        </PageButton>
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
          user || device ? (
            <>
              {user && <Chip text={words.ofUser} remove={() => { state.setFilter('user', '') }} />}
              {device && <Chip text={`${words.device}: ${device}`} remove={() => { state.setFilter('device', '') }} />}
            </>
          ) : undefined
        }
        exports={(['csv', 'json', 'ndjson'] as const).map((format) => ({ label: words.export[format], href: exportHref(app.id, state, format) }))}
        empty={{ icon: IconListDetails, title: words.empty.title, text: words.empty.text }}
        onOpen={(line) => void show({ open: line.id })}
        rowMenu={(l) => (
          <>
            {l.user_id && (
              <RowItem icon={IconUser} onClick={() => { toUser(l) }}>
                {words.openUser}
              </RowItem>
            )}
            {l.device && (
              <RowItem icon={IconDeviceDesktop} onClick={() => { state.setFilter('device', l.device ?? '') }}>
                {words.onlyDevice}
              </RowItem>
            )}
            {(l.user_id ?? l.device) && <Menu.Divider />}
            <RowItem red icon={IconTrash} onClick={() => { start({ what: 'remove', selected: { kind: 'rows', rows: [l] } }) }}>
              {words.remove.action}
            </RowItem>
          </>
        )}
        bulk={(selected, clear) => (
          <BulkButton red onClick={() => { start({ what: 'remove', selected, clear }) }}>
            {words.remove.action}
          </BulkButton>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? task)}>
        <Drawer opened={Boolean(open)} onClose={close} title={words.entry} size="md">
          {line ? <Entry line={line} toUser={toUser} /> : open && one.isError && <Text c="dimmed">{words.notHere}</Text>}
        </Drawer>
        <WebhookDrawer app={app.id} opened={dialog === 'webhook'} onClose={close} />
        {last && (
          <ActionDialog
            opened={Boolean(task)}
            onClose={stop}
            title={words.remove.title(last.selected.kind === 'rows' ? last.selected.rows.length : undefined)}
            text={words.remove.text}
            danger
            label={(p) => words.remove.submit(p?.changes)}
            ended={t.common.endedDelete}
            preview={{
              key: [app.id, 'logs', 'delete', last.selected.kind === 'rows' ? last.selected.rows.map((l) => l.id) : [state.search, state.filters]],
              load: async (signal) => {
                if (!deletable(last.selected, state)) return { changes: 0, lines: [words.remove.notSearch] }
                const n = await countLines(app.id, last.selected, state, signal)
                return { changes: n, lines: [n === 0 ? words.remove.nothing : words.remove.will(n)] }
              },
            }}
            run={async (report, signal) => {
              done(words.remove.done(await deleteLines(app.id, last.selected, state, report, signal)))
              last.clear?.()
            }}
          />
        )}
      </Once>
    </Page>
  )
}

function Entry({ line: l, toUser }: { line: Line; toUser: (l: Line) => void }) {
  return (
    <Stack>
      <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{l.message}</Text>
      <Facts
        rows={[
          [words.field.at, <Time key="t" at={l.created_at} exact />],
          [words.field.user, l.username && <CopyCell key="u" value={l.username} what={`${t.common.copy}: ${words.field.user}`} />],
          [words.field.device, l.device],
          [words.field.ip, l.ip && <CopyCell key="i" value={l.ip} what={`${t.common.copy}: ${words.field.ip}`} />],
          [words.field.id, <CopyCell key="d" value={l.id} what={`${t.common.copy}: ${words.field.id}`} />],
        ]}
      />
      {l.user_id && (
        <Group>
          <PageButton plain icon={IconUser} onClick={() => { toUser(l) }}>
            {words.openUser}
          </PageButton>
        </Group>
      )}
    </Stack>
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
    width: 340,
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
  { id: 'device', title: words.field.device, width: 150, render: (l) => l.device },
  { id: 'ip', title: words.field.ip, width: 140, card: 'off', render: (l) => l.ip && <CopyCell value={l.ip} what={`${t.common.copy}: ${words.field.ip}`} /> },
]

import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconDeviceDesktop, IconInfoCircle, IconPlugConnectedX, IconUser } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import { type Ahead, appPath } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Drawer } from '@/ui/Layer'
import { BulkButton, type Column, DataList, DeleteItem, RowItem, type Selected, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { useSeen } from '@/ui/useSeen'
import { countAll, kill, killAll, list, readSessions, type Session, sessionQuery, sessionsQuery } from './data'

const words = t.sessions

// Seen within this long, a program counts as running now.
const online = 10 * 60_000

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(sessionsQuery(app, shownBy(list, params)))
}

export default function SessionsPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(sessionsQuery(app.id, state))
  const navigate = useNavigate()
  const [asked, ask] = useState<{ selected: Selected<Session>; clear?: () => void }>()
  // A search names one user, whose sessions the list has; until it has them, there is nothing to end.
  const sought = answer.isPlaceholderData ? undefined : answer.data?.rows[0]?.user_id
  const user = state.filters.user || (state.search ? (sought ?? '') : '')
  const sure = state.search === '' || sought !== undefined
  const last = useLast(asked)
  const picked = last?.selected.kind === 'rows' ? last.selected.rows : undefined
  const { open, show } = useOpened()
  const close = () => void show({ open: undefined })
  const here = answer.data?.rows.find((s) => s.id === open)
  const one = useQuery(sessionQuery(app.id, answer.data && !here ? open : undefined))
  const shown = useSeen(open, here ?? one.data)
  const toUser = (s: Session) => void navigate({ to: appPath(app.id, 'users'), search: { open: s.user_id } as never })
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        answer.data && answer.data.rows.length > 0 && sure ? (
          <PageButton plain icon={IconPlugConnectedX} onClick={() => { ask({ selected: { kind: 'all' } }) }}>
            {user ? words.kill.actionUser : words.kill.actionAll}
          </PageButton>
        ) : null
      }
    >
      <DataList<Session>
        id="sessions"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(s) => s.id}
        searchHint={words.searchHint}
        filters={
          state.filters.user ? (
            <Button
              variant="light"
              size="compact-md"
              onClick={() => {
                state.clear()
              }}
            >
              {words.ofUser} ×
            </Button>
          ) : undefined
        }
        empty={{ icon: IconDeviceDesktop, title: words.empty.title, text: words.empty.text }}
        save={{
          name: 'sessions',
          fields: ['id', 'user_id', 'username', 'ip', 'protocol', 'device_id', 'created_at', 'signed_in_at', 'last_seen_at', 'expires_at'],
          read: (at, signal) => readSessions(app.id, { ...state, ...at }, signal),
        }}
        onOpen={(s) => void show({ open: s.id })}
        rowMenu={(s) => (
          <>
            <RowItem icon={IconInfoCircle} onClick={() => void show({ open: s.id })}>
              {t.common.details}
            </RowItem>
            <RowItem icon={IconUser} onClick={() => { toUser(s) }}>
              {words.openUser}
            </RowItem>
            <DeleteItem icon={IconPlugConnectedX} onClick={() => { ask({ selected: { kind: 'rows', rows: [s] } }) }}>
              {words.kill.action}
            </DeleteItem>
          </>
        )}
        bulk={(selected, clear) =>
          (selected.kind === 'rows' || sure) && (
            <BulkButton red onClick={() => { ask({ selected, clear }) }}>
              {words.kill.action}
            </BulkButton>
          )
        }
      />
      <Once when={Boolean(open)}>
        <Drawer opened={Boolean(open)} onClose={close} title={words.details}>
          {shown ? (
            <Stack gap="lg">
              <Group gap="xs">
                <Button variant="default" size="compact-sm" onClick={() => { toUser(shown) }}>
                  {words.openUser}
                </Button>
                <Button variant="default" size="compact-sm" c="red" onClick={() => { ask({ selected: { kind: 'rows', rows: [shown] }, clear: close }) }}>
                  {words.kill.action}
                </Button>
              </Group>
              <Facts rows={columns.map((c) => [c.title, c.render(shown)])} />
            </Stack>
          ) : (
            open && one.isError && <Text c="dimmed">{words.notHere}</Text>
          )}
        </Drawer>
      </Once>
      {last && (
        <ActionDialog
          opened={Boolean(asked)}
          onClose={() => { ask(undefined) }}
          title={user && !picked ? words.kill.titleUser : words.kill.title(picked?.length)}
          text={words.kill.text}
          danger
          label={(p) => words.kill.submit(picked?.length ?? p?.exactly)}
          preview={
            picked
              ? undefined
              : {
                  key: [app.id, 'sessions', 'end', user],
                  load: async (signal) => {
                    const { n, more } = await countAll(app.id, user, signal)
                    return { changes: n, exactly: more ? undefined : n, lines: [n === 0 ? words.kill.nothing : words.kill.will(n, more)] }
                  },
                }
          }
          run={async (report, signal) => {
            done(words.kill.done(picked ? await kill(app.id, picked, report, signal) : await killAll(app.id, user)))
            last.clear?.()
          }}
        />
      )}
    </Page>
  )
}

const columns: Column<Session>[] = [
  {
    id: 'user',
    title: words.field.user,
    width: 250,
    always: true,
    card: 'title',
    render: (s) => (s.license_named ? <CopyCell value={s.username} what={`${t.common.copy}: ${words.field.user}`} /> : s.username),
  },
  {
    id: 'seen',
    title: words.field.seen,
    width: 160,
    card: 'side',
    render: (s) => (
      <StatusDot tone={Date.now() - new Date(s.last_seen_at).getTime() < online ? 'good' : 'quiet'}>
        <Time at={s.last_seen_at} />
      </StatusDot>
    ),
  },
  { id: 'ip', title: words.field.ip, width: 170, render: (s) => s.ip && <CopyCell value={s.ip} what={`${t.common.copy}: ${words.field.ip}`} /> },
  { id: 'protocol', title: words.field.protocol, width: 100, render: (s) => s.protocol },
  { id: 'signed_in', title: words.field.signedIn, width: 140, render: (s) => <Time at={s.signed_in_at} /> },
  { id: 'expires', title: words.field.expires, width: 130, render: (s) => <Time at={s.expires_at} /> },
  { id: 'started', title: words.field.started, width: 130, sort: 'created', card: 'off', render: (s) => <Time at={s.created_at} /> },
  { id: 'device', title: words.field.device, width: 260, hidden: true, card: 'off', render: (s) => s.device_id && <CopyCell value={s.device_id} what={`${t.common.copy}: ${words.field.device}`} /> },
  { id: 'id', title: words.field.id, width: 260, hidden: true, card: 'off', render: (s) => <CopyCell value={s.id} what={`${t.common.copy}: ${words.field.id}`} /> },
]

import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconKey, IconPlayerPause, IconPlayerPlay, IconPlus, IconStack2, IconUsers } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { Subscription } from '@/api/client'
import { isProblem } from '@/api/problem'
import { subscriptionsQuery, useApp } from '@/app/apps'
import { appPath } from '@/app/pages'
import { useOpened } from '@/app/params'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { ActionDialog } from '@/ui/ActionDialog'
import type { Asked } from '@/ui/BulkDialog'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { EachDialog } from '@/ui/EachDialog'
import { BulkButton, type Column, DataList, DeleteItem, EditItem, pageOf, type Read, RowItem, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { act, type Action, pause, remove, subscriptionsChanged } from './data'
import { SubscriptionForm } from './SubscriptionForm'

const words = t.subscriptions
const list = { sorts: ['level', '-level', 'name', '-name', '-holders', 'holders'] }

type Task = { kind: 'pause' | 'remove'; subscription: Subscription }

export default function SubscriptionsPage() {
  const app = useApp()
  const [picked, pick] = useState<Asked<Subscription, Action>>()
  const state = useListState(list)
  const all = useQuery(subscriptionsQuery(app.id))
  const navigate = useNavigate()
  const { open, dialog, show } = useOpened()
  const [task, start] = useState<Task>()
  const last = useLast(task)
  const { data } = all
  const rows = useMemo(() => arrange(data ?? [], state.search, state.sort), [data, state.search, state.sort])
  const answer = { ...all, data: data && pageOf(rows, state) }
  const read: Read<Subscription> = (at) => Promise.resolve(pageOf(rows, at))
  const stop = () => {
    start(undefined)
  }
  const resume = (s: Subscription) => {
    pause(app.id, s.id, 'resume').then(() => {
      done(words.resume.done)
    }, failed)
  }
  const edit = (s: Subscription) => void show({ open: s.id })
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
  )
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <DataList<Subscription>
        id="subscriptions"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(s) => s.id}
        searchHint={words.searchHint}
        empty={{ icon: IconStack2, title: words.empty.title, text: words.empty.text, action: create }}
        save={{ name: 'subscriptions', fields: ['id', 'name', 'level', 'holders', 'active', 'expired', 'paused_at', 'created_at'], read }}
        onOpen={edit}
        rowMenu={(s) => (
          <>
            <EditItem onClick={() => { edit(s) }} />
            <RowItem icon={IconUsers} onClick={() => void navigate({ to: appPath(app.id, 'users'), search: { subscription: s.id } as never })}>
              {words.holdersLink}
            </RowItem>
            <RowItem icon={IconKey} onClick={() => void navigate({ to: appPath(app.id, 'licenses'), search: { level: String(s.level) } as never })}>
              {words.licensesLink}
            </RowItem>
            {s.paused_at ? (
              <RowItem icon={IconPlayerPlay} onClick={() => { resume(s) }}>
                {words.resume.action}
              </RowItem>
            ) : (
              <RowItem icon={IconPlayerPause} onClick={() => { start({ kind: 'pause', subscription: s }) }}>
                {words.pause.action}
              </RowItem>
            )}
            <DeleteItem onClick={() => { start({ kind: 'remove', subscription: s }) }}>{words.remove.action}</DeleteItem>
          </>
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            {(['pause', 'resume', 'delete'] as const).map((action) => (
              <BulkButton key={action} red={action === 'delete'} onClick={() => { pick({ action, selected, clear }) }}>
                {words.many[action].action}
              </BulkButton>
            ))}
          </Group>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? picked ?? task)}>
        <SubscriptionForm
          app={app.id}
          opened={Boolean(open) || dialog === 'create'}
          id={open}
          level={Math.max(0, ...(data ?? []).map((s) => s.level)) + 1}
          onClose={() => void show({ open: undefined, dialog: undefined })}
        />
        {last?.kind === 'pause' && (
          <ActionDialog
            opened={task?.kind === 'pause'}
            onClose={stop}
            title={words.pause.title(last.subscription.name)}
            text={words.pause.text(last.subscription.holders)}
            label={() => words.pause.submit}
            run={async () => {
              await pause(app.id, last.subscription.id, 'pause')
              done(words.pause.done, {
                label: t.common.undo,
                run: () => {
                  resume(last.subscription)
                },
              })
            }}
          />
        )}
        <DeleteDialog
          of={task?.kind === 'remove' ? task.subscription : undefined}
          onClose={stop}
          words={words.remove}
          text={(s) => (s.holders > 0 ? words.remove.some(s.holders, s.active) : words.remove.none)}
          typed={(s) => s.holders > 0}
          run={(s) => remove(app.id, s.id).finally(() => subscriptionsChanged(app.id))}
        />
        <EachDialog
          asked={picked}
          onClose={() => { pick(undefined) }}
          words={(action) => words.many[action]}
          read={read}
          takes={(action, s) => action === 'delete' || Boolean(s.paused_at) === (action === 'resume')}
          left={(action, n) => (action === 'pause' ? words.many.pausedAlready(n) : words.many.notPaused(n))}
          text={(action, rows) => words.many[action].text(rows.reduce((n, s) => n + s.holders, 0))}
          typed={(action, rows) => action === 'delete' && rows.some((s) => s.holders > 0)}
          run={(action, { id }) => act(app.id, id, action)}
          already={(e) => isProblem(e, 'subscription.paused') || isProblem(e, 'subscription.not_paused')}
          changed={() => subscriptionsChanged(app.id)}
        />
      </Once>
    </Page>
  )
}

const columns: Column<Subscription>[] = [
  { id: 'name', title: words.field.name, width: 260, sort: 'name', always: true, card: 'title', render: (s) => s.name },
  { id: 'level', title: words.field.level, width: 90, sort: 'level', render: (s) => number(s.level) },
  {
    id: 'state',
    title: words.field.state,
    width: 150,
    card: 'side',
    render: (s) =>
      s.paused_at ? (
        <StatusDot tone="warn">
          {words.paused} <Time at={s.paused_at} />
        </StatusDot>
      ) : (
        <StatusDot tone="good">{words.running}</StatusDot>
      ),
  },
  { id: 'holders', title: words.field.holders, width: 110, sort: 'holders', align: 'right', render: (s) => number(s.holders) },
  { id: 'active', title: words.field.active, width: 110, align: 'right', render: (s) => number(s.active) },
  { id: 'expired', title: words.field.expired, width: 110, align: 'right', card: 'off', render: (s) => number(s.expired) },
  { id: 'created', title: words.field.created, width: 140, card: 'off', render: (s) => <Time at={s.created_at} /> },
]

/** Search and order; all subscriptions are here anyway, for the lists of licenses and users. */
function arrange(all: Subscription[], search: string, sort: string): Subscription[] {
  const wanted = search.trim().toLowerCase()
  const key = sort.replace('-', '')
  const turn = sort.startsWith('-') ? -1 : 1
  return all
    .filter((s) => s.name.toLowerCase().includes(wanted))
    .sort((a, b) => turn * (key === 'name' ? a.name.localeCompare(b.name) : key === 'holders' ? a.holders - b.holders : a.level - b.level) || a.name.localeCompare(b.name))
}

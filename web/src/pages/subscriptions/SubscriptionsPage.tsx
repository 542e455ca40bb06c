import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconKey, IconPencil, IconPlayerPause, IconPlayerPlay, IconPlus, IconStack2, IconTrash, IconUsers } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { Subscription } from '@/api/client'
import { subscriptionsQuery, useApp } from '@/app/apps'
import { appPath } from '@/app/pages'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { ActionDialog } from '@/ui/ActionDialog'
import { type Column, DataList, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { pause, remove } from './data'
import { SubscriptionForm, type Task } from './SubscriptionForm'

const words = t.subscriptions
const list = { sorts: ['level', '-level', 'name', '-name', '-holders', 'holders'] }

export default function SubscriptionsPage() {
  const app = useApp()
  const state = useListState(list)
  const all = useQuery(subscriptionsQuery(app.id))
  const navigate = useNavigate()
  const [task, edit] = useState<Task>()
  const [asked, ask] = useState<{ what: 'pause' | 'remove'; of: Subscription }>()
  const { data } = all
  const rows = useMemo(() => arrange(data ?? [], state.search, state.sort), [data, state.search, state.sort])
  const from = Number(state.cursor || 0)
  const answer = {
    ...all,
    data: data && { rows: rows.slice(from, from + state.limit), next: from + state.limit < rows.length ? String(from + state.limit) : undefined, total: rows.length },
  }
  const resume = (s: Subscription) => {
    pause(app.id, s.id, 'resume').then(() => {
      done(words.resume.done)
    }, failed)
  }
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        edit({ kind: 'create', level: Math.max(0, ...(data ?? []).map((s) => s.level)) + 1 })
      }}
    >
      {words.create.action}
    </Button>
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
        onOpen={(s) => {
          edit({ kind: 'edit', subscription: s })
        }}
        rowMenu={(s) => (
          <>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={() => {
                edit({ kind: 'edit', subscription: s })
              }}
            >
              {t.common.edit}
            </Menu.Item>
            <Menu.Item leftSection={<IconUsers size={16} />} onClick={() => void navigate({ to: appPath(app.id, 'users'), search: { subscription: s.id } as never })}>
              {words.holdersLink}
            </Menu.Item>
            <Menu.Item leftSection={<IconKey size={16} />} onClick={() => void navigate({ to: appPath(app.id, 'licenses'), search: { level: String(s.level) } as never })}>
              {words.licensesLink}
            </Menu.Item>
            {s.paused_at ? (
              <Menu.Item
                leftSection={<IconPlayerPlay size={16} />}
                onClick={() => {
                  resume(s)
                }}
              >
                {words.resume.action}
              </Menu.Item>
            ) : (
              <Menu.Item
                leftSection={<IconPlayerPause size={16} />}
                onClick={() => {
                  ask({ what: 'pause', of: s })
                }}
              >
                {words.pause.action}
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => {
                ask({ what: 'remove', of: s })
              }}
            >
              {words.remove.action}
            </Menu.Item>
          </>
        )}
      />
      <SubscriptionForm
        app={app.id}
        task={task}
        onClose={() => {
          edit(undefined)
        }}
      />
      <ActionDialog
        opened={asked?.what === 'pause'}
        onClose={() => {
          ask(undefined)
        }}
        title={words.pause.title(asked?.of.name ?? '')}
        text={words.pause.text(asked?.of.holders ?? 0)}
        label={() => words.pause.submit}
        run={async () => {
          if (!asked) return
          const { of } = asked
          await pause(app.id, of.id, 'pause')
          done(words.pause.done, {
            label: t.common.undo,
            run: () => {
              resume(of)
            },
          })
        }}
      />
      <ActionDialog
        opened={asked?.what === 'remove'}
        onClose={() => {
          ask(undefined)
        }}
        title={words.remove.title(asked?.of.name ?? '')}
        text={asked && asked.of.holders > 0 ? words.remove.some(asked.of.holders, asked.of.active) : words.remove.none}
        danger
        typed={asked && asked.of.holders > 0 ? asked.of.name : undefined}
        label={() => words.remove.submit}
        run={async () => {
          if (!asked) return
          await remove(app.id, asked.of.id)
          done(words.remove.done)
        }}
      />
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

import { Group, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconApps, IconArrowRight, IconBan, IconCopy, IconPlayerPause, IconPlayerPlay, IconPlus } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { App } from '@/api/client'
import { AppMark } from '@/app/AppMark'
import { appsQuery } from '@/app/apps'
import { appPath } from '@/app/pages'
import { useParam } from '@/app/params'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import type { Asked } from '@/ui/BulkDialog'
import { CopyCell } from '@/ui/Copy'
import { BulkButton, type Column, DataList, DeleteItem, EditItem, FilterSelect, pageOf, type Read, RowItem, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Page, PageButton } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import classes from './AppsPage.module.css'
import { statsQuery, type Switch, switchApp, switches } from './data'
import { DeleteApp, NameDialog, type NameTask, StopApp, SwitchApps } from './dialogs'

const words = t.apps
const fresh: NameTask = { kind: 'create' }
const list = { filters: ['status'] as const, sorts: ['name', '-name', '-created', 'created'] }
const statuses = ['active', 'paused', 'disabled'] as const

export default function AppsPage() {
  const state = useListState(list)
  const apps = useQuery(appsQuery)
  const navigate = useNavigate()
  const asked = useParam('new')
  const [naming, name] = useState<NameTask>()
  const [stopping, stop] = useState<{ app: App; how: 'pause' | 'disable' }>()
  const [deleting, remove] = useState<App>()
  const [picked, pick] = useState<Asked<App, Switch>>()
  const { data } = apps
  // All of them are here anyway, for the switcher: no need to ask for pages.
  const rows = useMemo(() => arrange(data ?? [], state.search, state.filters.status, state.sort), [data, state.search, state.filters.status, state.sort])
  const read: Read<App> = (at) => Promise.resolve(pageOf(rows, at))
  const answer = { ...apps, data: data && pageOf(rows, state) }
  const create = (
    <PageButton icon={IconPlus} onClick={() => { name(fresh) }}>
      {words.create.action}
    </PageButton>
  )
  const back = (app: App, to: 'resume' | 'enable', said: string) => () => {
    switchApp(app.id, to).then(() => {
      done(said)
    }, failed)
  }
  return (
    <Page title={words.title} lead={words.lead} actions={create}>
      <DataList<App>
        id="apps"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(a) => a.id}
        searchHint={words.searchHint}
        filters={<FilterSelect state={state} name="status" label={words.field.status} any={words.anyStatus} data={statuses.map((s) => ({ value: s, label: words.status[s] }))} w={150} />}
        empty={{ icon: IconApps, title: words.empty.title, text: words.empty.text, action: create }}
        save={{ name: 'applications', fields: ['id', 'name', 'owner_id', 'version', 'paused_at', 'disabled_at', 'created_at'], read }}
        onOpen={(a) => void navigate({ to: appPath(a.id) })}
        rowMenu={(a) => (
          <>
            <RowItem icon={IconArrowRight} onClick={() => void navigate({ to: appPath(a.id) })}>
              {words.open}
            </RowItem>
            <EditItem onClick={() => { name({ kind: 'rename', app: a }) }}>{words.rename.action}</EditItem>
            <RowItem icon={IconCopy} onClick={() => { name({ kind: 'clone', app: a }) }}>
              {words.clone.action}
            </RowItem>
            {a.paused_at ? (
              <RowItem icon={IconPlayerPlay} onClick={back(a, 'resume', words.resume.done)}>
                {words.resume.action}
              </RowItem>
            ) : (
              <RowItem icon={IconPlayerPause} onClick={() => { stop({ app: a, how: 'pause' }) }}>
                {words.pause.action}
              </RowItem>
            )}
            {a.disabled_at ? (
              <RowItem icon={IconPlayerPlay} onClick={back(a, 'enable', words.enable.done)}>
                {words.enable.action}
              </RowItem>
            ) : (
              <RowItem icon={IconBan} onClick={() => { stop({ app: a, how: 'disable' }) }}>
                {words.disable.action}
              </RowItem>
            )}
            <DeleteItem onClick={() => { remove(a) }}>{words.remove.action}</DeleteItem>
          </>
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            {switches.map((action) => (
              <BulkButton key={action} onClick={() => { pick({ action, selected, clear }) }}>
                {words[action].action}
              </BulkButton>
            ))}
          </Group>
        )}
      />
      <SwitchApps asked={picked} read={read} onClose={() => { pick(undefined) }} />
      <NameDialog
        task={naming ?? (asked ? fresh : undefined)}
        onClose={() => {
          name(undefined)
          if (asked) void navigate({ to: '.', search: ((old: object) => ({ ...old, new: undefined })) as never, replace: true })
        }}
      />
      <StopApp asked={stopping} onClose={() => { stop(undefined) }} />
      <DeleteApp app={deleting} onClose={() => { remove(undefined) }} />
    </Page>
  )
}

function arrange(apps: App[], search: string, status: string, sort: string): App[] {
  const q = search.toLowerCase()
  const found = apps.filter((a) => (!status || status === statusOf(a)) && (a.name.toLowerCase().includes(q) || a.id === search || a.owner_id === search))
  const by = sort.endsWith('created') ? (a: App, b: App) => a.created_at.localeCompare(b.created_at) : (a: App, b: App) => a.name.localeCompare(b.name)
  return found.sort(sort.startsWith('-') ? (a, b) => by(b, a) : by)
}

const statusOf = (a: App) => (a.disabled_at ? 'disabled' : a.paused_at ? 'paused' : 'active')
const tones = { active: 'good', paused: 'warn', disabled: 'bad' } as const

/** How many an application has; each row asks for itself, when it is shown. */
function Counted({ app, of }: { app: string; of: 'licenses' | 'users' }) {
  const { data } = useQuery(statsQuery(app))
  return data ? number(data[of].total) : <Skeleton height={10} width={40} display="inline-block" />
}

const columns: Column<App>[] = [
  {
    id: 'name',
    title: words.field.name,
    width: 260,
    always: true,
    sort: 'name',
    card: 'title',
    name: (a) => a.name,
    render: (a) => (
      <span className={classes.name}>
        <AppMark name={a.name} />
        <span className={classes.text}>{a.name}</span>
      </span>
    ),
  },
  { id: 'status', title: words.field.status, width: 120, card: 'side', render: (a) => <StatusDot tone={tones[statusOf(a)]}>{words.status[statusOf(a)]}</StatusDot> },
  { id: 'licenses', title: words.field.licenses, width: 110, align: 'right', card: 'off', render: (a) => <Counted app={a.id} of="licenses" /> },
  { id: 'users', title: words.field.users, width: 110, align: 'right', card: 'off', render: (a) => <Counted app={a.id} of="users" /> },
  { id: 'version', title: words.field.version, width: 100, render: (a) => a.version },
  { id: 'owner_id', title: words.field.ownerId, width: 150, hidden: true, card: 'off', render: (a) => <CopyCell value={a.owner_id} what={`${t.common.copy}: ${words.field.ownerId}`} /> },
  { id: 'id', title: words.field.id, width: 290, hidden: true, card: 'off', render: (a) => <CopyCell value={a.id} what={`${t.common.copy}: ${words.field.id}`} /> },
  { id: 'created', title: words.field.created, width: 140, sort: 'created', render: (a) => <Time at={a.created_at} /> },
]

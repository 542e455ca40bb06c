import { Anchor, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type Icon, IconBan, IconCalendarPlus, IconDeviceDesktopOff, IconInfoCircle, IconPlus, IconRestore, IconUpload, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import type { User } from '@/api/client'
import { subscriptionsQuery, useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import type { Asked } from '@/ui/BulkDialog'
import { ImportDialog } from '@/ui/ImportDialog'
import { BulkButton, DataList, DeleteItem, RowItem, shownBy, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { columns, columnsByEnd } from './columns'
import { CreateUser } from './CreateUser'
import { type Action, countsQuery, exportHref, narrowedBy, usersChanged, usersQuery } from './data'
import { Details } from './Details'
import { Filters } from './Filters'
import { byEnd, list, sortOf } from './order'
import { UsersDialog } from './UsersDialog'

const words = t.users
const formats = ['csv', 'json', 'ndjson']
const actions: Action[] = ['time', 'variable', 'reset', 'ban', 'unban', 'delete']

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(usersQuery(app, shownBy(list, params)))
  void queryClient.prefetchQuery(subscriptionsQuery(app))
}

export default function UsersPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(usersQuery(app.id, state))
  const { data: counts } = useQuery(countsQuery(app.id))
  const { data: subscriptions = [] } = useQuery(subscriptionsQuery(app.id))
  const { open, dialog, show } = useOpened()
  const [asked, ask] = useState<Asked<User, Action>>()
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
  )
  return (
    <Page
      title={words.title}
      aside={
        counts && (
          <>
            <Text c="dimmed" size="sm" title={`${words.state.banned} ${number(counts.banned)}`}>
              {number(counts.total)}
            </Text>
            {counts.waiting > 0 && (
              <Anchor component={Link} to="." search={{ reset: 'true' } as never} size="sm">
                {words.resetRequest.waiting(counts.waiting)}
              </Anchor>
            )}
          </>
        )
      }
      actions={
        <>
          <PageButton plain icon={IconUpload} onClick={() => void show({ dialog: 'import' })}>
            {words.import.action}
          </PageButton>
          {create}
        </>
      }
    >
      <DataList<User>
        id="users"
        label={words.title}
        state={{ ...state, sort: sortOf(state) }}
        answer={answer.data ? { ...answer, data: { ...answer.data, total: counts?.total } } : answer}
        columns={byEnd(state) ? columnsByEnd : columns}
        rowId={(u) => u.id}
        searchHint={words.searchHint}
        filters={<Filters state={state} subscriptions={subscriptions} resets={app.settings.device_reset_approval || Boolean(counts?.waiting)} />}
        empty={{ icon: IconUsers, title: words.empty.title, text: words.empty.text, action: create }}
        exports={(['csv', 'json', 'ndjson'] as const).map((format) => ({ label: words.export[format], href: exportHref(app.id, state, format) }))}
        onOpen={(u) => void show({ open: u.id })}
        rowMenu={(u) => (
          <UserMenu
            user={u}
            open={() => void show({ open: u.id })}
            ask={(action) => {
              ask({ action, selected: { kind: 'rows', rows: [u] } })
            }}
          />
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            {actions.map((action) => (
              <BulkButton key={action} red={action === 'delete'} onClick={() => { ask({ action, selected, clear }) }}>
                {words.bulk[action]}
              </BulkButton>
            ))}
          </Group>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? asked)}>
        <CreateUser app={app.id} subscriptions={subscriptions} opened={dialog === 'create'} onClose={() => void show({ dialog: undefined })} />
        <ImportDialog
          opened={dialog === 'import'}
          onClose={() => void show({ dialog: undefined })}
          words={words.import}
          path={`/apps/${app.id}/users/import`}
          formats={formats}
          changed={() => usersChanged(app.id)}
        />
        <Details
          app={app}
          id={open}
          subscriptions={subscriptions}
          onClose={() => void show({ open: undefined })}
          ask={(action, user) => {
            ask({ action, selected: { kind: 'rows', rows: [user] } })
          }}
        />
        <UsersDialog app={app.id} subscriptions={subscriptions} asked={asked} narrowed={narrowedBy(state)} onClose={() => { ask(undefined) }} />
      </Once>
    </Page>
  )
}

function UserMenu({ user, open, ask }: { user: User; open: () => void; ask: (action: Action) => void }) {
  const item = (action: Action, icon: Icon) => (
    <RowItem icon={icon} onClick={() => { ask(action) }}>
      {words.bulk[action]}
    </RowItem>
  )
  return (
    <>
      <RowItem icon={IconInfoCircle} onClick={open}>
        {t.common.details}
      </RowItem>
      {user.subscriptions.length > 0 && item('time', IconCalendarPlus)}
      {user.devices.length > 0 && item('reset', IconDeviceDesktopOff)}
      {user.banned_at ? item('unban', IconRestore) : item('ban', IconBan)}
      <DeleteItem onClick={() => { ask('delete') }}>{words.bulk.delete}</DeleteItem>
    </>
  )
}

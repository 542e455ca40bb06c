import { Button, Group, Menu, Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconBan, IconCalendarPlus, IconDeviceDesktopOff, IconInfoCircle, IconPlus, IconRestore, IconTrash, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import type { User } from '@/api/client'
import { subscriptionsQuery, useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useParam } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { DataList, shownBy, useListState } from '@/ui/list'
import { Page } from '@/ui/Page'
import { type Asked, BulkDialog, OnlyAll } from './BulkDialog'
import { columns } from './columns'
import { CreateUser } from './CreateUser'
import { type Action, countsQuery, list, usersQuery } from './data'
import { Details } from './Details'

const words = t.users
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
  const open = useParam('open')
  const dialog = useParam('dialog')
  const [asked, ask] = useState<Asked>()
  const navigate = useNavigate()
  const show = (change: { open?: string; dialog?: string }) => void navigate({ to: '.', search: ((old: object) => ({ ...old, ...change })) as never, state: true })
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        show({ dialog: 'create' })
      }}
    >
      {words.create.action}
    </Button>
  )
  return (
    <Page
      title={words.title}
      aside={
        counts && (
          <Text c="dimmed" size="sm" title={`${words.state.banned} ${number(counts.banned)}`}>
            {number(counts.total)}
          </Text>
        )
      }
      actions={create}
    >
      <DataList<User>
        id="users"
        label={words.title}
        state={state}
        answer={answer.data ? { ...answer, data: { ...answer.data, total: counts?.total } } : answer}
        columns={columns}
        rowId={(u) => u.id}
        searchHint={words.searchHint}
        filters={
          <>
            <Select
              aria-label={words.field.state}
              placeholder={words.anyState}
              value={state.filters.banned || null}
              onChange={(v) => {
                state.setFilter('banned', v ?? '')
              }}
              data={[
                { value: 'true', label: words.bannedOnly },
                { value: 'false', label: words.notBanned },
              ]}
              clearable
              w={150}
            />
            <Select
              aria-label={words.field.subscriptions}
              placeholder={words.anySubscription}
              value={state.filters.subscription || null}
              onChange={(v) => {
                state.setFilter('subscription', v ?? '')
              }}
              data={subscriptions.map((s) => ({ value: s.id, label: s.name }))}
              clearable
              searchable={subscriptions.length > 8}
              w={190}
            />
          </>
        }
        empty={{ icon: IconUsers, title: words.empty.title, text: words.empty.text, action: create }}
        onOpen={(u) => {
          show({ open: u.id })
        }}
        rowMenu={(u) => (
          <UserMenu
            user={u}
            open={() => {
              show({ open: u.id })
            }}
            ask={(action) => {
              ask({ action, selected: { kind: 'rows', rows: [u] } })
            }}
          />
        )}
        bulk={(selected, clear) =>
          selected.kind === 'all' && state.narrowed ? (
            <OnlyAll />
          ) : (
            <Group gap={6}>
              {actions.map((action) => (
                <Button
                  key={action}
                  size="compact-sm"
                  variant="default"
                  c={action === 'delete' ? 'red' : undefined}
                  onClick={() => {
                    ask({ action, selected, clear })
                  }}
                >
                  {words.bulk[action]}
                </Button>
              ))}
            </Group>
          )
        }
      />
      <CreateUser
        app={app.id}
        subscriptions={subscriptions}
        opened={dialog === 'create'}
        onClose={() => {
          show({ dialog: undefined })
        }}
      />
      <Details
        app={app}
        id={open}
        subscriptions={subscriptions}
        onClose={() => {
          show({ open: undefined })
        }}
        ask={(action, user) => {
          ask({ action, selected: { kind: 'rows', rows: [user] } })
        }}
      />
      <BulkDialog
        app={app.id}
        subscriptions={subscriptions}
        asked={asked}
        onClose={() => {
          ask(undefined)
        }}
      />
    </Page>
  )
}

function UserMenu({ user, open, ask }: { user: User; open: () => void; ask: (action: Action) => void }) {
  const item = (action: Action, icon: React.ReactNode, red = false) => (
    <Menu.Item
      color={red ? 'red' : undefined}
      leftSection={icon}
      onClick={() => {
        ask(action)
      }}
    >
      {words.bulk[action]}
    </Menu.Item>
  )
  return (
    <>
      <Menu.Item leftSection={<IconInfoCircle size={16} />} onClick={open}>
        {t.common.details}
      </Menu.Item>
      {user.subscriptions.length > 0 && item('time', <IconCalendarPlus size={16} />)}
      {user.devices.length > 0 && item('reset', <IconDeviceDesktopOff size={16} />)}
      {user.banned_at ? item('unban', <IconRestore size={16} />) : item('ban', <IconBan size={16} />)}
      <Menu.Divider />
      {item('delete', <IconTrash size={16} />, true)}
    </>
  )
}

import { Alert, Anchor, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type Icon, IconBan, IconInfoCircle, IconKey, IconPlus, IconRefresh, IconShieldCheck, IconTicket, IconUser } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import { type Ahead, appPath } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import type { Asked } from '@/ui/BulkDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { BulkButton, type Column, DataList, DeleteItem, FilterSelect, RowItem, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { type Action, actionsOf, list, type Many, readTokens, resetToken, sortOf, type Token, tokensQuery, tones } from './data'
import { CreateToken } from './CreateToken'
import { ManyTokens } from './ManyTokens'
import { TokenDetails } from './TokenDetails'
import { TokensDialog } from './TokensDialog'

const words = t.tokens
const icons: Partial<Record<Action, Icon>> = { reset: IconRefresh, blacklist: IconBan, unblacklist: IconShieldCheck }

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(tokensQuery(app, shownBy(list, params)))
}

export default function TokensPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(tokensQuery(app.id, state))
  const navigate = useNavigate()
  const { open, dialog, show } = useOpened()
  const close = () => void show({ open: undefined, dialog: undefined })
  const [asked, act] = useState<Asked<Token, Many>>()
  const [resetting, reset] = useState<Token>()
  const ask = (action: Action, token: Token) => {
    if (action === 'reset') reset(token)
    // What is deleted cannot stay open.
    else act({ action, selected: { kind: 'rows', rows: [token] }, clear: action === 'delete' ? close : undefined })
  }
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
  )
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <PageButton plain icon={IconKey} onClick={() => void show({ dialog: 'many' })}>
            {words.many.action}
          </PageButton>
          {create}
        </>
      }
    >
      {!app.settings.token_system && (
        <Alert color="gray" variant="light" mb="md">
          {words.off}{' '}
          <Anchor component={Link} to={appPath(app.id, 'settings')} inherit underline="always">
            {words.settings}
          </Anchor>
        </Alert>
      )}
      <DataList<Token>
        id="tokens"
        label={words.title}
        state={{ ...state, sort: sortOf(state) }}
        answer={answer}
        columns={state.filters.status === 'used' && state.search === '' ? byUse : columns}
        rowId={(k) => k.id}
        searchHint={words.searchHint}
        filters={
          <FilterSelect
            state={state}
            name="status"
            label={words.field.status}
            any={words.anyStatus}
            data={(['not_used', 'used', 'blacklisted'] as const).map((s) => ({ value: s, label: words.status[s] }))}
            w={150}
          />
        }
        empty={{ icon: IconTicket, title: words.empty.title, text: words.empty.text, action: create }}
        save={{
          name: 'tokens',
          fields: ['id', 'token', 'status', 'user_id', 'username', 'license_id', 'license_key', 'used_at', 'blacklisted_at', 'reason', 'created_at', 'created_by'],
          read: (at, signal) => readTokens(app.id, { ...state, ...at }, signal),
        }}
        onOpen={(k) => void show({ open: k.id })}
        rowMenu={(token) => (
          <>
            <RowItem icon={IconInfoCircle} onClick={() => void show({ open: token.id })}>
              {t.common.details}
            </RowItem>
            {token.user_id && (
              <RowItem icon={IconUser} onClick={() => void navigate({ to: appPath(app.id, 'users'), search: { open: token.user_id } as never })}>
                {t.sessions.openUser}
              </RowItem>
            )}
            {actionsOf(token).map((action) => {
              const symbol = icons[action]
              const run = () => {
                ask(action, token)
              }
              return symbol ? (
                <RowItem key={action} icon={symbol} onClick={run}>
                  {words.action[action]}
                </RowItem>
              ) : (
                <DeleteItem key={action} onClick={run} />
              )
            })}
          </>
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            {(['blacklist', 'unblacklist', 'delete'] as const).map((action) => (
              <BulkButton key={action} red={action === 'delete'} onClick={() => { act({ action, selected, clear }) }}>
                {words.action[action]}
              </BulkButton>
            ))}
          </Group>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? asked ?? resetting)}>
        <ManyTokens app={app.id} opened={dialog === 'many'} onClose={close} />
        <CreateToken app={app.id} opened={dialog === 'create'} onClose={close} />
        <TokenDetails app={app.id} id={open} onClose={close} ask={ask} />
        <TokensDialog app={app.id} asked={asked} state={state} onClose={() => { act(undefined) }} />
        <ActionDialog
          opened={Boolean(resetting)}
          onClose={() => { reset(undefined) }}
          title={words.reset.title}
          text={words.reset.text}
          label={() => words.reset.submit}
          run={async () => {
            if (resetting) await resetToken(app.id, resetting.id)
            done(words.reset.done)
          }}
        />
      </Once>
    </Page>
  )
}

const columns: Column<Token>[] = [
  { id: 'token', title: words.field.token, width: 200, always: true, card: 'title', render: (k) => <CopyCell value={k.token} shown={`${k.token.slice(0, 8)}…${k.token.slice(-4)}`} what={`${t.common.copy}: ${words.field.token}`} /> },
  { id: 'status', title: words.field.status, width: 130, card: 'side', render: (k) => <StatusDot tone={tones[k.status]}>{words.status[k.status]}</StatusDot> },
  {
    id: 'of',
    title: words.field.of,
    width: 250,
    render: (k) =>
      k.username ?? <Cut most={280}>{`${words.ofLicense} ${k.license_key ?? ''}`}</Cut>,
  },
  { id: 'used', title: words.field.used, width: 130, render: (k) => <Time at={k.used_at} /> },
  {
    id: 'reason',
    title: words.field.reason,
    width: 160,
    card: 'off',
    render: (k) => k.reason && <Cut most={240}>{k.reason}</Cut>,
  },
  { id: 'created', title: words.field.created, width: 130, sort: 'created', card: 'off', render: (k) => <Time at={k.created_at} /> },
]
const byUse = columns.map((c) => (c.id === 'used' ? { ...c, sort: 'used' } : c))

import { Alert, Anchor, Button, Menu, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconBan, IconKey, IconPlus, IconRefresh, IconShieldCheck, IconTicket, IconTrash, IconUser } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import { type Ahead, appPath } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { type Column, DataList, shownBy, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { blacklistToken, deleteToken, resetToken, type Token, list, tokensQuery, unblacklistToken } from './data'
import { CreateToken } from './CreateToken'
import { ManyTokens } from './ManyTokens'

const words = t.tokens
type Ask = 'reset' | 'blacklist' | 'remove'

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(tokensQuery(app, shownBy(list, params)))
}

export default function TokensPage() {
  const app = useApp()
  const state = useListState(list)
  const answer = useQuery(tokensQuery(app.id, state))
  const navigate = useNavigate()
  const [creating, create] = useState(false)
  const [many, make] = useState(false)
  const [asked, ask] = useState<{ what: Ask; token: Token }>()
  const [reason, setReason] = useState('')
  const action = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => { create(true) }}>
      {words.create.action}
    </Button>
  )
  const question = asked && words[asked.what]
  return (
    <Page title={words.title} lead={words.lead} actions={
        <>
          <Button variant="default" leftSection={<IconKey size={16} />} onClick={() => { make(true) }}>
            {words.many.action}
          </Button>
          {action}
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
        state={state}
        answer={answer}
        columns={columns}
        rowId={(k) => k.id}
        searchHint={words.searchHint}
        filters={
          <Select
            aria-label={words.field.status}
            placeholder={words.anyStatus}
            value={state.filters.status || null}
            onChange={(v) => { state.setFilter('status', v ?? '') }}
            data={(['not_used', 'used', 'blacklisted'] as const).map((s) => ({ value: s, label: words.status[s] }))}
            clearable
            w={150}
          />
        }
        empty={{ icon: IconTicket, title: words.empty.title, text: words.empty.text, action }}
        rowMenu={(k) => (
          <>
            {k.user_id && (
              <Menu.Item leftSection={<IconUser size={16} />} onClick={() => void navigate({ to: appPath(app.id, 'users'), search: { open: k.user_id } as never })}>
                {t.sessions.openUser}
              </Menu.Item>
            )}
            {k.status === 'used' && (
              <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => { ask({ what: 'reset', token: k }) }}>
                {words.reset.action}
              </Menu.Item>
            )}
            {k.status === 'blacklisted' ? (
              <Menu.Item
                leftSection={<IconShieldCheck size={16} />}
                onClick={() => {
                  unblacklistToken(app.id, k.id).then(() => { done(words.unblacklist.done) }, failed)
                }}
              >
                {words.unblacklist.action}
              </Menu.Item>
            ) : (
              <Menu.Item
                leftSection={<IconBan size={16} />}
                onClick={() => {
                  setReason('')
                  ask({ what: 'blacklist', token: k })
                }}
              >
                {words.blacklist.action}
              </Menu.Item>
            )}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => { ask({ what: 'remove', token: k }) }}>
              {t.common.delete}
            </Menu.Item>
          </>
        )}
      />
      <ManyTokens app={app.id} opened={many} onClose={() => { make(false) }} />
      <CreateToken app={app.id} opened={creating} onClose={() => { create(false) }} />
      <ActionDialog
        opened={Boolean(asked)}
        onClose={() => { ask(undefined) }}
        title={question?.title ?? ''}
        text={question?.text}
        danger={asked?.what !== 'reset'}
        label={() => question?.submit ?? ''}
        run={async () => {
          if (!asked || !question) return
          const { what, token } = asked
          if (what === 'reset') await resetToken(app.id, token.id)
          else if (what === 'blacklist') await blacklistToken(app.id, token.id, reason.trim())
          else await deleteToken(app.id, token.id)
          done(question.done)
        }}
      >
        {asked?.what === 'blacklist' && (
          <TextInput label={words.blacklist.reason} maxLength={500} value={reason} onChange={(e) => { setReason(e.currentTarget.value) }} data-autofocus />
        )}
      </ActionDialog>
    </Page>
  )
}

const tones = { not_used: 'info', used: 'good', blacklisted: 'bad' } as const

const columns: Column<Token>[] = [
  { id: 'token', title: words.field.token, width: 300, always: true, card: 'title', render: (k) => <CopyCell value={k.token} shown={`${k.token.slice(0, 8)}…${k.token.slice(-4)}`} what={`${t.common.copy}: ${words.field.token}`} /> },
  { id: 'status', title: words.field.status, width: 130, card: 'side', render: (k) => <StatusDot tone={tones[k.status]}>{words.status[k.status]}</StatusDot> },
  {
    id: 'of',
    title: words.field.of,
    width: 260,
    render: (k) =>
      k.username ?? <Cut most={280}>{`${words.ofLicense} ${k.license_key ?? ''}`}</Cut>,
  },
  { id: 'used', title: words.field.used, width: 140, render: (k) => <Time at={k.used_at} /> },
  {
    id: 'reason',
    title: words.field.reason,
    width: 200,
    card: 'off',
    render: (k) => k.reason && <Cut most={240}>{k.reason}</Cut>,
  },
  { id: 'created', title: words.field.created, width: 140, sort: 'created', card: 'off', render: (k) => <Time at={k.created_at} /> },
]

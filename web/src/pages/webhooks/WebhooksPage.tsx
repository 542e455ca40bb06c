import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconPencil, IconPlugConnected, IconPlus, IconTrash, IconWebhook } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useParam } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { Who } from '@/ui/Gate'
import { type Column, DataList, shownBy, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { deleteWebhook, testWebhook, type Webhook, webhooksQuery } from './data'
import { WebhookForm } from './WebhookForm'

const words = t.webhooks

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(webhooksQuery(app, shownBy({}, params)))
}

export default function WebhooksPage() {
  const app = useApp()
  const state = useListState()
  const answer = useQuery(webhooksQuery(app.id, state))
  const open = useParam('open')
  const dialog = useParam('dialog')
  const navigate = useNavigate()
  const show = (change: { open?: string; dialog?: string }) => void navigate({ to: '.', search: ((old: object) => ({ ...old, ...change })) as never, state: true })
  const [removing, remove] = useState<Webhook>()
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
    <Page title={words.title} lead={words.lead} actions={create}>
      <DataList<Webhook>
        id="webhooks"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(w) => w.id}
        empty={{ icon: IconWebhook, title: words.empty.title, text: words.empty.text, action: create }}
        onOpen={(w) => {
          show({ open: w.id })
        }}
        rowMenu={(w) => (
          <>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={() => {
                show({ open: w.id })
              }}
            >
              {t.common.edit}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconPlugConnected size={16} />}
              onClick={() => {
                testWebhook(app.id, w.id).then((r) => {
                  done(words.test.done(r.status, r.duration_ms))
                }, failed)
              }}
            >
              {words.test.action}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => {
                remove(w)
              }}
            >
              {t.common.delete}
            </Menu.Item>
          </>
        )}
      />
      <WebhookForm
        app={app.id}
        opened={Boolean(open) || dialog === 'create'}
        id={open}
        onClose={() => {
          show({ open: undefined, dialog: undefined })
        }}
      />
      <ActionDialog
        opened={Boolean(removing)}
        onClose={() => {
          remove(undefined)
        }}
        title={words.remove.title(removing?.name ?? '')}
        text={words.remove.text}
        danger
        label={() => words.remove.submit}
        run={async () => {
          if (!removing) return
          await deleteWebhook(app.id, removing.id)
          done(words.remove.done)
        }}
      />
    </Page>
  )
}

const columns: Column<Webhook>[] = [
  { id: 'name', title: words.field.name, width: 160, always: true, card: 'title', render: (w) => w.name },
  {
    id: 'url',
    title: words.field.url,
    width: 300,
    render: (w) => (
      <Cut most={420} mono>
        {w.url}
      </Cut>
    ),
  },
  { id: 'who', title: words.field.who, width: 104, card: 'side', render: (w) => <Who of={w} /> },
  { id: 'answer', title: words.field.answer, width: 96, render: (w) => (w.show_answer ? words.shown : words.hidden) },
  { id: 'id', title: words.field.id, width: 270, render: (w) => <CopyCell value={w.id} what={words.copyId} /> },
  { id: 'updated', title: words.field.updated, width: 112, card: 'off', render: (w) => <Time at={w.updated_at} /> },
  { id: 'agent', title: words.field.agent, width: 160, hidden: true, card: 'off', render: (w) => w.user_agent },
]

import { useQuery } from '@tanstack/react-query'
import { IconPlugConnected, IconPlus, IconWebhook } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import type { Asked } from '@/ui/BulkDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { EachDialog } from '@/ui/EachDialog'
import { Who } from '@/ui/Gate'
import { BulkButton, type Column, DataList, DeleteItem, EditItem, type Read, RowItem, shownBy, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { changed, deleteWebhook, list, readWebhooks, testWebhook, type Webhook, webhooksQuery } from './data'
import { WebhookForm } from './WebhookForm'

const words = t.webhooks

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(webhooksQuery(app, shownBy(list, params)))
}

export default function WebhooksPage() {
  const app = useApp()
  const [picked, pick] = useState<Asked<Webhook, 'delete'>>()
  const state = useListState(list)
  const read: Read<Webhook> = (at, signal) => readWebhooks(app.id, { ...state, ...at }, signal)
  const answer = useQuery(webhooksQuery(app.id, state))
  const { open, dialog, show } = useOpened()
  const [removing, remove] = useState<Webhook>()
  const edit = (w: Webhook) => void show({ open: w.id })
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
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
        searchHint={words.searchHint}
        empty={{ icon: IconWebhook, title: words.empty.title, text: words.empty.text, action: create }}
        save={{ name: 'webhooks', fields: ['id', 'name', 'url', 'user_agent', 'show_answer', 'needs_sign_in', 'min_level', 'created_at', 'updated_at'], read }}
        onOpen={edit}
        rowMenu={(w) => (
          <>
            <EditItem onClick={() => { edit(w) }} />
            <RowItem
              icon={IconPlugConnected}
              onClick={() => {
                testWebhook(app.id, w.id).then((r) => {
                  done(words.test.done(r.status, r.duration_ms))
                }, failed)
              }}
            >
              {words.test.action}
            </RowItem>
            <DeleteItem onClick={() => { remove(w) }} />
          </>
        )}
        bulk={(selected, clear) => (
          <BulkButton red onClick={() => { pick({ action: 'delete', selected, clear }) }}>
            {t.common.delete}
          </BulkButton>
        )}
      />
      <Once when={Boolean(open ?? dialog ?? picked ?? removing)}>
        <WebhookForm app={app.id} opened={Boolean(open) || dialog === 'create'} id={open} onClose={() => void show({ open: undefined, dialog: undefined })} />
        <DeleteDialog of={removing} onClose={() => { remove(undefined) }} words={words.remove} run={(w) => deleteWebhook(app.id, w.id).finally(() => changed(app.id))} />
        <EachDialog
          asked={picked}
          onClose={() => { pick(undefined) }}
          words={() => words.removeMany}
          read={read}
          text={() => words.remove.text}
          run={(_, { id }) => deleteWebhook(app.id, id)}
          changed={() => changed(app.id)}
        />
      </Once>
    </Page>
  )
}

const columns: Column<Webhook>[] = [
  { id: 'name', title: words.field.name, width: 150, sort: 'name', rises: true, always: true, card: 'title', render: (w) => w.name },
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
  { id: 'updated', title: words.field.updated, width: 122, card: 'off', render: (w) => <Time at={w.updated_at} /> },
  { id: 'created', title: words.field.created, width: 122, sort: 'created', rises: true, hidden: true, card: 'off', render: (w) => <Time at={w.created_at} /> },
  { id: 'agent', title: words.field.agent, width: 160, hidden: true, card: 'off', render: (w) => w.user_agent },
]

import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconMessages, IconMicrophoneOff, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { useOpened } from '@/app/params'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import type { Asked } from '@/ui/BulkDialog'
import { CopyCell } from '@/ui/Copy'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { EachDialog } from '@/ui/EachDialog'
import { BulkButton, type Column, DataList, DeleteItem, EditItem, type Read, RowItem, shownBy, useListState } from '@/ui/list'
import { Once } from '@/ui/Once'
import { Page, PageButton } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { ChatForm } from './ChatForm'
import { changed, type Chat, chatsQuery, clearChat, deleteChat, list, readChats } from './data'
import { Messages } from './Messages'
import { Mutes } from './Mutes'

const words = t.chats

type Task = { what: 'edit' | 'remove'; chat: Chat }

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(chatsQuery(app, shownBy(list, params)))
}

export default function ChatsPage() {
  const app = useApp()
  const [picked, pick] = useState<Asked<Chat, 'clear' | 'delete'>>()
  const state = useListState(list)
  const read: Read<Chat> = (at, signal) => readChats(app.id, { ...state, ...at }, signal)
  const answer = useQuery(chatsQuery(app.id, state))
  const { open: opened, dialog, show } = useOpened()
  const [task, start] = useState<Task>()
  const last = useLast(task)
  const stop = () => {
    start(undefined)
  }
  const create = (
    <PageButton icon={IconPlus} onClick={() => void show({ dialog: 'create' })}>
      {words.create.action}
    </PageButton>
  )
  const open = (chat: Chat) => void show({ open: chat.id })
  const close = () => void show({ open: undefined, dialog: undefined })
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <PageButton plain icon={IconMicrophoneOff} onClick={() => void show({ dialog: 'mutes' })}>
            {words.mutes.action}
          </PageButton>
          {create}
        </>
      }
    >
      <DataList<Chat>
        id="chats"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(c) => c.id}
        searchHint={words.searchHint}
        empty={{ icon: IconMessages, title: words.empty.title, text: words.empty.text, action: create }}
        save={{ name: 'chats', fields: ['id', 'name', 'messages', 'delay', 'history', 'min_level', 'created_at'], read }}
        onOpen={open}
        rowMenu={(chat) => (
          <>
            <RowItem icon={IconMessages} onClick={() => { open(chat) }}>
              {words.field.messages}
            </RowItem>
            <EditItem onClick={() => { start({ what: 'edit', chat }) }} />
            <DeleteItem onClick={() => { start({ what: 'remove', chat }) }} />
          </>
        )}
        bulk={(selected, clear) => (
          <Group gap={6}>
            <BulkButton onClick={() => { pick({ action: 'clear', selected, clear }) }}>{words.clearMany.action}</BulkButton>
            <BulkButton red onClick={() => { pick({ action: 'delete', selected, clear }) }}>
              {t.common.delete}
            </BulkButton>
          </Group>
        )}
      />
      <Once when={Boolean(opened ?? dialog ?? picked ?? task)}>
        <Messages app={app.id} id={opened} onClose={close} />
        <Mutes app={app.id} opened={dialog === 'mutes'} onClose={close} />
        <ChatForm app={app.id} opened={dialog === 'create'} onClose={close} />
        <ChatForm app={app.id} opened={task?.what === 'edit'} id={last?.what === 'edit' ? last.chat.id : undefined} onClose={stop} />
        <DeleteDialog
          of={task?.what === 'remove' ? task.chat : undefined}
          onClose={stop}
          words={words.remove}
          typed={(chat) => chat.messages > 0}
          run={(chat) => deleteChat(app.id, chat.id).finally(() => changed(app.id))}
        />
        <EachDialog
          asked={picked}
          onClose={() => { pick(undefined) }}
          words={(action) => (action === 'clear' ? words.clearMany : words.removeMany)}
          read={read}
          text={(action, rows) => (action === 'clear' ? words.clearMany : words.removeMany).text(said(rows))}
          typed={(action, rows) => action === 'delete' && said(rows) > 0}
          run={(action, { id }) => (action === 'clear' ? clearChat(app.id, id) : deleteChat(app.id, id))}
          changed={() => changed(app.id)}
        />
      </Once>
    </Page>
  )
}

/** How many messages there are in these. */
const said = (rows: Chat[]) => rows.reduce((n, c) => n + c.messages, 0)

const columns: Column<Chat>[] = [
  { id: 'name', title: words.field.name, width: 280, sort: 'name', rises: true, always: true, card: 'title', render: (c) => c.name },
  { id: 'messages', title: words.field.messages, width: 110, card: 'side', align: 'right', render: (c) => number(c.messages) },
  { id: 'delay', title: words.field.delay, width: 110, render: (c) => (c.delay === 0 ? words.noDelay : t.common.duration.second(c.delay)) },
  { id: 'history', title: words.field.history, width: 90, align: 'right', render: (c) => number(c.history) },
  { id: 'level', title: words.field.level, width: 120, render: (c) => (c.min_level > 0 ? t.gate.level(c.min_level) : t.gate.signedIn) },
  { id: 'created', title: words.field.created, width: 140, sort: 'created', rises: true, card: 'off', render: (c) => <Time at={c.created_at} /> },
  { id: 'id', title: words.field.id, width: 290, hidden: true, card: 'off', render: (c) => <CopyCell value={c.id} what={`${t.common.copy}: ${words.field.id}`} /> },
]

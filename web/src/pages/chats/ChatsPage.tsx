import { Button, Menu } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconMessages, IconMicrophoneOff, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useApp } from '@/app/apps'
import type { Ahead } from '@/app/pages'
import { queryClient } from '@/app/query'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { type Column, DataList, shownBy, useListState } from '@/ui/list'
import { done } from '@/ui/notify'
import { Page } from '@/ui/Page'
import { Time } from '@/ui/Time'
import { ChatForm } from './ChatForm'
import { type Chat, chatsQuery, deleteChat } from './data'
import { Messages } from './Messages'
import { Mutes } from './Mutes'

const words = t.chats

type Task = { what: 'create' | 'mutes' } | { what: 'edit' | 'remove' | 'open'; chat: Chat }

export const ahead: Ahead = (app, params) => {
  void queryClient.prefetchQuery(chatsQuery(app, shownBy({}, params)))
}

export default function ChatsPage() {
  const app = useApp()
  const state = useListState()
  const answer = useQuery(chatsQuery(app.id, state))
  const [task, start] = useState<Task>()
  const stop = () => {
    start(undefined)
  }
  const chat = task && 'chat' in task ? task.chat : undefined
  const create = (
    <Button
      leftSection={<IconPlus size={16} />}
      onClick={() => {
        start({ what: 'create' })
      }}
    >
      {words.create.action}
    </Button>
  )
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<IconMicrophoneOff size={16} />}
            onClick={() => {
              start({ what: 'mutes' })
            }}
          >
            {words.mutes.action}
          </Button>
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
        empty={{ icon: IconMessages, title: words.empty.title, text: words.empty.text, action: create }}
        onOpen={(c) => {
          start({ what: 'open', chat: c })
        }}
        rowMenu={(c) => (
          <>
            <Menu.Item
              leftSection={<IconMessages size={16} />}
              onClick={() => {
                start({ what: 'open', chat: c })
              }}
            >
              {words.field.messages}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              onClick={() => {
                start({ what: 'edit', chat: c })
              }}
            >
              {t.common.edit}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => {
                start({ what: 'remove', chat: c })
              }}
            >
              {t.common.delete}
            </Menu.Item>
          </>
        )}
      />
      <Messages app={app.id} chat={task?.what === 'open' ? chat : undefined} onClose={stop} />
      <Mutes app={app.id} opened={task?.what === 'mutes'} onClose={stop} />
      <ChatForm app={app.id} opened={task?.what === 'create' || task?.what === 'edit'} chat={chat} onClose={stop} />
      <ActionDialog
        opened={task?.what === 'remove'}
        onClose={stop}
        title={words.remove.title(chat?.name ?? '')}
        text={words.remove.text}
        danger
        typed={chat && chat.messages > 0 ? chat.name : undefined}
        label={() => words.remove.submit}
        run={async () => {
          if (!chat) return
          await deleteChat(app.id, chat.id)
          done(words.remove.done)
        }}
      />
    </Page>
  )
}

const columns: Column<Chat>[] = [
  { id: 'name', title: words.field.name, width: 280, always: true, card: 'title', render: (c) => c.name },
  { id: 'messages', title: words.field.messages, width: 110, card: 'side', align: 'right', render: (c) => number(c.messages) },
  { id: 'delay', title: words.field.delay, width: 110, render: (c) => (c.delay === 0 ? words.noDelay : t.common.duration.second(c.delay)) },
  { id: 'history', title: words.field.history, width: 90, align: 'right', render: (c) => number(c.history) },
  { id: 'level', title: words.field.level, width: 120, render: (c) => (c.min_level > 0 ? t.gate.level(c.min_level) : t.gate.signedIn) },
  { id: 'created', title: words.field.created, width: 140, card: 'off', render: (c) => <Time at={c.created_at} /> },
  { id: 'id', title: words.field.id, width: 290, hidden: true, card: 'off', render: (c) => <CopyCell value={c.id} what={`${t.common.copy}: ${words.field.id}`} /> },
]

import { ActionIcon, Button, Group, Menu, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'
import { fault, type Length } from '@/rules/duration'
import { atMost } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { DurationInput } from '@/ui/DurationInput'
import { Failure } from '@/ui/Failure'
import { focusFirst, placeErrors } from '@/ui/errors'
import { FormDrawer } from '@/ui/FormDrawer'
import { Drawer } from '@/ui/Layer'
import { done, failed } from '@/ui/notify'
import { Time } from '@/ui/Time'
import { changed, chatQuery, clearChat, deleteMessage, type Message, messagesKey, mute, readChat, readMessages, say } from './data'

const words = t.chats

/** What is said in a channel, newest first, and a place to speak. */
export function Messages({ app, id, onClose }: { app: string; id?: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(chatQuery(app, id))
  const chat = id ? data?.value : undefined
  const [muting, startMute] = useState<Message>()
  const [clearing, clear] = useState(false)
  return (
    <>
      <Drawer opened={Boolean(id)} onClose={onClose} title={words.messages.title(chat?.name ?? '')} size="lg">
        {error && !chat && <Failure error={error} retry={() => void refetch()} />}
        {chat && (
          <Stack gap="lg">
            <Speak app={app} chat={chat.id} />
            <Said app={app} chat={chat.id} mute={startMute} />
            <Group justify="flex-end">
              <Button
                variant="default"
                c="red"
                size="compact-sm"
                onClick={() => {
                  clear(true)
                }}
              >
                {words.messages.clear}
              </Button>
            </Group>
          </Stack>
        )}
      </Drawer>
      <MuteDialog
        app={app}
        message={muting}
        onClose={() => {
          startMute(undefined)
        }}
      />
      <ActionDialog
        opened={clearing}
        onClose={() => {
          clear(false)
        }}
        title={words.clear.title(chat?.name ?? '')}
        text={words.clear.text}
        danger
        label={() => words.clear.submit}
        preview={{
          key: ['chats', chat?.id, 'clear'],
          load: async () => {
            const n = chat ? (await readChat(app, chat.id)).value.messages : 0
            return { changes: n, lines: [n === 0 ? words.clear.nothing : words.clear.will(n)] }
          },
        }}
        run={async () => {
          if (!chat) return
          done(words.messages.cleared(await clearChat(app, chat.id)))
          await changed(app)
        }}
      />
    </>
  )
}

function Speak({ app, chat }: { app: string; chat: string }) {
  const [busy, setBusy] = useState(false)
  const form = useForm({ initialValues: { text: '', author: '' }, validateInputOnChange: ['author'], validate: { text: (v) => (v.trim() === '' ? words.messages.needed : atMost(2000)(v)), author: atMost(70) } })
  const send = async (v: { text: string; author: string }) => {
    setBusy(true)
    try {
      await say(app, chat, { text: v.text, author: v.author.trim() || undefined })
      form.setFieldValue('text', '')
      done(words.messages.sent)
    } catch (e) {
      const rest = placeErrors(e, form)
      if (rest) failed(e)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit((v) => void send(v), focusFirst)} noValidate>
      <Stack gap="xs">
        <Textarea label={words.messages.say} autosize minRows={2} maxRows={8} {...form.getInputProps('text')} />
        <Group align="flex-end" justify="space-between">
          <TextInput label={words.messages.as} placeholder={words.messages.asHint} w={220} {...form.getInputProps('author')} />
          <Button type="submit" loading={busy}>
            {words.messages.send}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const quoted = 200 // characters of a message that is to be deleted

function Said({ app, chat, mute: startMute }: { app: string; chat: string; mute: (m: Message) => void }) {
  const [asked, ask] = useState<{ id: string; name: string; text: string }>()
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: messagesKey(app, chat),
    queryFn: ({ pageParam, signal }) => readMessages(app, chat, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    refetchInterval: 10_000,
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton height={200} />
  const all = data.pages.flatMap((p) => p.messages)
  if (all.length === 0) return <Text c="dimmed">{words.messages.none}</Text>
  return (
    <Stack gap="sm">
      {all.map((m) => (
        <Group key={m.id} justify="space-between" wrap="nowrap" align="flex-start">
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={600} truncate>
              {m.author}{' '}
              <Text span size="sm" c="dimmed" fw={400}>
                <Time at={m.sent_at} />
              </Text>
            </Text>
            <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{m.text}</Text>
          </div>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={`${t.common.actions}: ${m.author}`}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {m.user_id && (
                <Menu.Item
                  onClick={() => {
                    startMute(m)
                  }}
                >
                  {words.messages.mute}
                </Menu.Item>
              )}
              <Menu.Item
                color="red"
                onClick={() => {
                  ask({ id: m.id, name: m.author, text: m.text })
                }}
              >
                {words.messages.remove}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Group>
      ))}
      <DeleteDialog
        of={asked}
        onClose={() => {
          ask(undefined)
        }}
        words={words.messages.ask}
        text={(m) => (m.text.length > quoted ? `${m.text.slice(0, quoted)}…` : m.text)}
        run={(m) => deleteMessage(app, chat, m.id)}
      />
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.messages.older}
        </Button>
      )}
    </Stack>
  )
}

const perUnit: Record<Length['unit'], number> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800, month: 2_629_743, year: 31_556_926, lifetime: 3_155_692_600 }

function MuteDialog({ app, message, onClose }: { app: string; message?: Message; onClose: () => void }) {
  const form = useForm<{ length: Length; reason: string }>({ initialValues: { length: { amount: 1, unit: 'hour' }, reason: '' }, validateInputOnChange: true, validate: { length: fault, reason: atMost(500) } })
  return (
    <FormDrawer
      small
      opened={Boolean(message)}
      onClose={onClose}
      title={words.mutes.add(message?.author ?? '')}
      label={words.mutes.submit}
      form={form}
      fields={{ until: 'length' }}
      submit={async ({ length, reason }) => {
        const until = new Date(Date.now() + 1000 * perUnit[length.unit] * length.amount).toISOString()
        await mute(app, { user_id: message?.user_id ?? '', until: until as never, reason: reason || undefined })
        done(words.mutes.done)
        onClose()
      }}
    >
      <DurationInput
        label={words.mutes.for}
        value={form.values.length}
        onChange={(d) => {
          form.setFieldValue('length', d)
        }}
        error={form.errors.length}
        lifetime={false}
      />
      <TextInput label={words.mutes.reason} description={words.mutes.reasonHint} {...form.getInputProps('reason')} />
    </FormDrawer>
  )
}

import { NumberInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { useSeen } from '@/ui/useSeen'
import { chatQuery, createChat, updateChat } from './data'

const words = t.chats
const whole = (from: number, to: number) => (v: number) => (Number.isInteger(v) && v >= from && v <= to ? null : t.common.wholeNumber(from, to))
const fresh = { name: '', delay: 0, history: 100, min_level: 0 }

/** Adds a channel (no id) or changes one. */
export function ChatForm({ app, opened, id, onClose }: { app: string; opened: boolean; id?: string; onClose: () => void }) {
  const asked = opened ? id : undefined
  const query = useQuery(chatQuery(app, asked))
  const data = useSeen(asked, query.data)
  const chat = data?.value
  const form = useForm({
    initialValues: fresh,
    validateInputOnChange: true,
    validate: {
      name: (v) => (v.trim() === '' ? words.nameNeeded : [...v].length > 70 ? t.common.atMost(70) : null),
      delay: whole(0, 3600),
      history: whole(1, 1000),
      min_level: whole(0, 1_000_000),
    },
  })
  useFilled(form, opened, () => (chat ? { name: chat.name, delay: chat.delay, history: chat.history, min_level: chat.min_level } : fresh), chat)
  const count = (name: 'delay' | 'history' | 'min_level', label: string, description: string) => (
    <NumberInput label={label} description={description} min={0} allowDecimal={false} clampBehavior="none" {...form.getInputProps(name)} />
  )
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={onClose}
      title={id ? words.edit.title : words.create.title}
      label={id ? t.common.save : words.create.submit}
      form={form}
      reading={id ? { ...query, data } : undefined}
      submit={async (v) => {
        const body = { ...v, name: v.name.trim() }
        if (chat) await updateChat(app, chat.id, data.tag, body)
        else await createChat(app, body)
        done(id ? t.common.saved : words.create.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      {count('delay', words.delayLabel, words.delayHint)}
      {count('history', words.historyLabel, words.historyHint)}
      {count('min_level', words.levelLabel, words.levelHint)}
    </FormDrawer>
  )
}

import { Alert, Button, Group, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { addressFault } from '@/rules/text'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done, failed } from '@/ui/notify'
import { removeWebhook, setWebhook, webhookQuery } from './data'

const words = t.logs.webhook

/** Has lines posted to a Discord channel. */
export function WebhookDrawer({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const { data: now } = useQuery({ ...webhookQuery(app), enabled: opened })
  const [busy, setBusy] = useState(false)
  const form = useForm({ initialValues: { url: '' }, validateInputOnChange: true, validate: { url: (v) => (v.trim() ? addressFault(v) : words.urlNeeded) } })
  const close = () => {
    form.reset()
    onClose()
  }
  const stop = async () => {
    setBusy(true)
    try {
      await removeWebhook(app)
      done(words.removeDone)
    } catch (e) {
      failed(e)
    } finally {
      setBusy(false)
    }
  }
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={close}
      title={words.title}
      form={form}
      label={now ? words.replace : words.set}
      submit={async ({ url }) => {
        await setWebhook(app, url.trim())
        done(words.setDone)
        close()
      }}
    >
      <Text size="sm">{words.text}</Text>
      {now && (
        <Alert color={now.stopped_at ? 'red' : 'green'} variant="light" title={now.stopped_at ? words.stopped : undefined}>
          <Text size="sm">{now.stopped_at ? words.stoppedText(now.error ?? '') : words.now(now.host)}</Text>
          <Group mt="xs">
            <Button size="compact-sm" variant="default" loading={busy} onClick={() => void stop()}>
              {words.remove}
            </Button>
          </Group>
        </Alert>
      )}
      <TextInput label={words.url} placeholder={words.urlPlaceholder} autoComplete="off" spellCheck={false} {...form.getInputProps('url')} />
    </FormDrawer>
  )
}

import { Alert, Button, Group, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { addressFault } from '@/rules/text'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { Facts } from '@/ui/Facts'
import { Failure } from '@/ui/Failure'
import { FormDrawer } from '@/ui/FormDrawer'
import { Modal } from '@/ui/Layer'
import { done, failed } from '@/ui/notify'
import { Secret } from '@/ui/Secret'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { type From, removeWebhook, resumeWebhook, rotateSecret, setWebhook, testWebhook, type Webhook, webhookQuery } from './webhook'

const words = t.audit.webhook

/** Has the log of an application sent to a URL: what it is set to, or the form that sets it. */
export function WebhookDialog({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const now = useQuery({ ...webhookQuery(app), enabled: opened, refetchInterval: opened ? 5000 : false })
  const [editing, edit] = useState(false)
  const [secret, show] = useState('')
  const [removing, remove] = useState<{ name: string }>()
  const close = () => {
    edit(false)
    onClose()
  }
  const form = opened && !secret && (now.data === null || editing)
  return (
    <>
      <WebhookForm
        app={app}
        again={Boolean(now.data)}
        opened={form}
        onClose={close}
        made={(s) => {
          edit(false)
          show(s)
        }}
      />
      <Modal opened={opened && !form && !secret} onClose={close} title={words.title} size={520}>
        {now.data ? (
          <State app={app} webhook={now.data} edit={() => { edit(true) }} rotated={show} remove={() => { remove({ name: now.data?.host ?? '' }) }} />
        ) : now.error ? (
          <Failure error={now.error} retry={() => void now.refetch()} />
        ) : (
          <Skeleton height={200} />
        )}
      </Modal>
      <Modal opened={Boolean(secret)} onClose={() => { show('') }} title={words.made.title} closeOnClickOutside={false}>
        <Stack>
          <Text>{words.made.text}</Text>
          <Secret label={words.made.label} value={secret} shown />
          <Button onClick={() => { show('') }}>{words.made.done}</Button>
        </Stack>
      </Modal>
      <DeleteDialog of={removing} onClose={() => { remove(undefined) }} words={words.remove} run={() => removeWebhook(app)} />
    </>
  )
}

function WebhookForm({ app, again, opened, onClose, made }: { app: string; again: boolean; opened: boolean; onClose: () => void; made: (secret: string) => void }) {
  const form = useForm({
    initialValues: { url: '', from: 'here' },
    validateInputOnChange: true,
    validate: { url: (v) => (v.trim() ? addressFault(v) : words.urlNeeded) },
  })
  const froms = again ? (['here', 'start', 'now'] as const) : (['now', 'start'] as const)
  const from = again ? form.values.from : form.values.from === 'start' ? 'start' : 'now'
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={() => {
        form.reset()
        onClose()
      }}
      title={again ? words.change.title : words.title}
      form={form}
      label={again ? words.change.submit : words.set}
      submit={async ({ url }) => {
        made(await setWebhook(app, url.trim(), (from === 'here' ? '' : from) as From))
        form.reset()
      }}
    >
      <Text size="sm">{again ? words.change.text : words.text}</Text>
      <TextInput label={words.url} placeholder={words.urlPlaceholder} autoComplete="off" spellCheck={false} {...form.getInputProps('url')} />
      <Select
        label={words.from.label}
        data={froms.map((value) => ({ value, label: words.from[value] }))}
        allowDeselect={false}
        {...form.getInputProps('from')}
        value={from}
      />
    </FormDrawer>
  )
}

interface StateProps {
  app: string
  webhook: Webhook
  edit: () => void
  rotated: (secret: string) => void
  remove: () => void
}

/** How far the receiver is, and what can be done about it. */
function State({ app, webhook: w, edit, rotated, remove }: StateProps) {
  const [busy, begin] = useState('')
  const act = (name: string, what: () => Promise<void>) => () => {
    begin(name)
    what()
      .catch(failed)
      .finally(() => {
        begin('')
      })
  }
  const stopped = Boolean(w.stopped_at)
  const failing = Boolean(w.failing_since) && !stopped
  return (
    <Stack>
      {(stopped || failing) && (
        <Alert color={stopped ? 'red' : 'yellow'} variant="light" title={stopped ? words.stopped : words.failing}>
          <Text size="sm">{stopped ? words.stoppedText(w.error ?? '') : words.failingText(w.error ?? '')}</Text>
          <Group mt="xs">
            <Button
              size="compact-sm"
              variant="default"
              loading={busy === 'resume'}
              onClick={act('resume', async () => {
                await resumeWebhook(app)
                done(words.resume.done)
              })}
            >
              {stopped ? words.resume.goOn : words.resume.now}
            </Button>
          </Group>
        </Alert>
      )}
      <Facts
        rows={[
          [words.field.host, <bdi key="h">{w.host}</bdi>],
          [
            words.field.state,
            <StatusDot key="s" tone={stopped ? 'bad' : failing ? 'warn' : 'good'}>
              {stopped ? words.states.stopped : failing ? words.states.failing : w.behind > 0 ? words.states.behind(w.behind) : words.states.good}
            </StatusDot>,
          ],
          [words.field.delivered, words.upTo(number(w.delivered_seq), number(w.last_seq))],
          [words.field.last, w.delivered_at ? <Time key="l" at={w.delivered_at} /> : t.common.never],
          [words.field.since, w.failing_since && <Time key="f" at={w.failing_since} />],
          [words.field.next, w.next_at && <Time key="n" at={w.next_at} />],
        ]}
      />
      <Group gap="xs">
        <Button
          variant="default"
          loading={busy === 'test'}
          onClick={act('test', async () => {
            const r = await testWebhook(app)
            done(words.test.done(r.status, r.duration_ms))
          })}
        >
          {words.test.action}
        </Button>
        <Button
          variant="default"
          loading={busy === 'rotate'}
          onClick={act('rotate', async () => {
            rotated(await rotateSecret(app))
          })}
        >
          {words.rotate}
        </Button>
        <Button variant="default" onClick={edit}>
          {words.change.action}
        </Button>
        <Button variant="subtle" color="red" onClick={remove}>
          {words.remove.action}
        </Button>
      </Group>
    </Stack>
  )
}

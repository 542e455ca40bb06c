import { Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { addressFault, atMost, isPlain } from '@/rules/text'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { GateFields, gateFault, type GateValues, openGate } from '@/ui/Gate'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { useSeen } from '@/ui/useSeen'
import { createWebhook, updateWebhook, webhookQuery } from './data'

const words = t.webhooks

interface Values extends GateValues {
  name: string
  url: string
  user_agent: string
  show_answer: boolean
}

const fresh: Values = { name: '', url: '', user_agent: '', show_answer: false, ...openGate }

/** Adds a webhook (no id) or changes one. */
export function WebhookForm({ app, opened, id, onClose }: { app: string; opened: boolean; id?: string; onClose: () => void }) {
  const asked = opened ? id : undefined
  const query = useQuery(webhookQuery(app, asked))
  const data = useSeen(asked, query.data)
  const reading = { ...query, data }
  const form = useForm<Values>({
    initialValues: fresh,
    validateInputOnChange: true,
    validate: {
      name: (v) => (v.trim() === '' ? words.nameNeeded : [...v].length > 70 ? t.common.atMost(70) : null),
      url: (v) => (v.trim() === '' ? words.urlNeeded : addressFault(v)),
      user_agent: atMost(200),
      min_level: gateFault,
    },
  })
  const old = id ? data?.value : undefined
  useFilled(form, opened, () => (old ? { name: old.name, url: old.url, user_agent: old.user_agent, show_answer: old.show_answer, needs_sign_in: old.needs_sign_in, min_level: old.min_level } : fresh), old)
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={id ? words.edit.title : words.create.title}
      label={id ? t.common.save : words.create.submit}
      form={form}
      reading={id ? reading : undefined}
      submit={async (v) => {
        const body = { ...v, name: v.name.trim(), url: v.url.trim(), needs_sign_in: v.needs_sign_in || v.min_level > 0 }
        if (id) await updateWebhook(app, id, data?.tag ?? '', body)
        else await createWebhook(app, body)
        done(id ? t.common.saved : words.create.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      <TextInput label={words.field.url} description={isPlain(form.values.url) ? t.common.faults.addressPlain : words.urlHint} placeholder={t.gate.urlPlaceholder} autoComplete="off" spellCheck={false} {...form.getInputProps('url')} />
      <TextInput label={words.field.agent} description={words.agentHint} autoComplete="off" spellCheck={false} {...form.getInputProps('user_agent')} />
      <Switch label={words.showAnswer} description={words.showAnswerHint} {...form.getInputProps('show_answer', { type: 'checkbox' })} />
      <GateFields form={form} />
    </FormDrawer>
  )
}

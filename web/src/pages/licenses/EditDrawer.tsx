import { Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, type App, type License, type Subscription } from '@/api/client'
import { fault, parse, written } from '@/rules/duration'
import { atMost } from '@/rules/text'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { useFilled } from '@/ui/useFilled'
import { licensesChanged } from './data'
import { LevelSelect } from './LevelSelect'

interface Props {
  app: App
  license: License
  /** Of what the form shows: an edit of what somebody else has changed is refused. */
  tag: string
  subscriptions: Subscription[]
  opened: boolean
  onClose: () => void
}

/** Changes level, duration and note of a license. */
export function EditDrawer({ app, license, tag, subscriptions, opened, onClose }: Props) {
  const words = t.licenses
  const form = useForm({
    initialValues: valuesOf(license),
    validateInputOnChange: true,
    validate: { duration: fault, note: atMost(500) },
  })
  useFilled(form, opened, () => valuesOf(license))
  const unused = license.status === 'not_used'
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={words.edit.title}
      label={t.common.save}
      form={form}
      submit={async (v) => {
        const duration = written(v.duration)
        await api.PATCH('/apps/{app}/licenses/{license}', {
          params: { path: { app: app.id, license: license.id }, header: { 'If-Match': tag } },
          body: {
            level: v.level === license.level ? undefined : v.level,
            duration: duration === license.duration ? undefined : duration,
            note: v.note === license.note ? undefined : v.note,
          },
        })
        await licensesChanged(app.id)
        done(t.common.saved)
        onClose()
      }}
    >
      <LevelSelect
          subscriptions={subscriptions}
          value={form.values.level}
          onChange={(n) => {
            form.setFieldValue('level', n)
          }}
          error={form.errors.level}
        />
      <DurationInput
        label={words.field.duration}
        description={unused ? undefined : words.edit.usedDuration}
        disabled={!unused}
        value={form.values.duration}
        onChange={(d) => {
          form.setFieldValue('duration', d)
        }}
        error={form.errors.duration}
      />
      <Textarea label={words.field.note} description={words.create.noteHint} autosize minRows={3} {...form.getInputProps('note')} />
    </FormDrawer>
  )
}

const valuesOf = (l: License) => ({ level: l.level, duration: parse(l.duration) ?? { amount: 30, unit: 'day' as const }, note: l.note })

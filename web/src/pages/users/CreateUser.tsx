import { Select, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { Subscription } from '@/api/client'
import { fault, type Length, written } from '@/rules/duration'
import { bytes, emailFault as addressOf } from '@/rules/text'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { Password } from '@/ui/Password'
import { useFilled } from '@/ui/useFilled'
import { createUser } from './data'

const words = t.users

interface Values {
  username: string
  password: string
  email: string
  subscription_id: string
  duration: Length
  hwid_affected: boolean
}

const fresh: Values = { username: '', password: '', email: '', subscription_id: '', duration: { amount: 30, unit: 'day' }, hwid_affected: true }

/** A mail address, or none. */
export const emailFault = (v: string) => (v.trim() === '' ? null : addressOf(v))

/** A password of a user, in bytes; none is one too. */
export const passwordFault = (v: string) => (bytes(v) > 1024 ? t.common.faults.passwordLong : null)

export const nameFault = (v: string) => (v.trim() === '' ? words.name.needed : [...v.trim()].length > 70 ? t.common.atMost(70) : null)

/** Makes a user by hand. */
export function CreateUser({ app, subscriptions, opened, onClose }: { app: string; subscriptions: Subscription[]; opened: boolean; onClose: () => void }) {
  const form = useForm<Values>({
    initialValues: fresh,
    validateInputOnChange: true,
    validate: { username: nameFault, email: emailFault, password: passwordFault, duration: (v, values) => (values.subscription_id ? fault(v) : null) },
  })
  useFilled(form, opened, () => ({ ...fresh, subscription_id: subscriptions[0]?.id ?? '' }))
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={words.create.title}
      label={words.create.submit}
      form={form}
      submit={async (v) => {
        await createUser(app, {
          username: v.username.trim(),
          password: v.password || undefined,
          email: v.email.trim() || undefined,
          subscription_id: v.subscription_id || undefined,
          duration: v.subscription_id ? written(v.duration) : undefined,
          hwid_affected: v.hwid_affected,
        })
        done(words.create.done)
        onClose()
      }}
    >
      <TextInput label={words.field.name} description={words.create.nameHint} data-autofocus autoComplete="off" spellCheck={false} {...form.getInputProps('username')} />
      <Password label={words.field.password} description={words.create.passwordHint} autoComplete="new-password" {...form.getInputProps('password')} />
      <TextInput label={words.field.email} description={words.create.emailHint} type="email" autoComplete="off" {...form.getInputProps('email')} />
      <Select
        label={words.create.subscription}
        placeholder={words.create.noSubscription}
        data={subscriptions.map((s) => ({ value: s.id, label: s.name }))}
        value={form.values.subscription_id || null}
        onChange={(v) => {
          form.setFieldValue('subscription_id', v ?? '')
        }}
        error={form.errors.subscription_id}
        clearable
      />
      {form.values.subscription_id && (
        <DurationInput
          label={words.create.duration}
          value={form.values.duration}
          onChange={(d) => {
            form.setFieldValue('duration', d)
          }}
          error={form.errors.duration}
        />
      )}
      <Switch label={words.create.affected} description={words.create.affectedHint} {...form.getInputProps('hwid_affected', { type: 'checkbox' })} />
    </FormDrawer>
  )
}

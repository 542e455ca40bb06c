import { Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { Subscription, User } from '@/api/client'
import { fault, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { giveSubscription, redeem } from './data'

const words = t.users

interface Props {
  app: string
  user: User
  opened: boolean
  onClose: () => void
}

/** Gives a user a subscription, or more time of one that they hold. */
export function GiveSubscription({ app, user, subscriptions, opened, onClose }: Props & { subscriptions: Subscription[] }) {
  const form = useForm<{ subscription_id: string; duration: Length }>({
    initialValues: { subscription_id: user.subscriptions[0]?.subscription_id ?? subscriptions[0]?.id ?? '', duration: { amount: 30, unit: 'day' } },
    validate: { subscription_id: (v) => (v ? null : t.common.required), duration: fault },
  })
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={onClose}
      title={words.give.title}
      label={words.give.submit}
      form={form}
      submit={async ({ subscription_id, duration }) => {
        await giveSubscription(app, user.id, { subscription_id, duration: written(duration) })
        done(words.give.done)
        onClose()
      }}
    >
      <Select
        label={words.give.which}
        description={words.give.hint}
        data={subscriptions.map((s) => ({ value: s.id, label: s.name }))}
        allowDeselect={false}
        {...form.getInputProps('subscription_id')}
      />
      <DurationInput
        label={words.create.duration}
        value={form.values.duration}
        onChange={(d) => {
          form.setFieldValue('duration', d)
        }}
        error={form.errors.duration}
      />
    </FormDrawer>
  )
}

/** Redeems a license for a user, as the customer would. */
export function RedeemLicense({ app, user, opened, onClose }: Props) {
  const form = useForm({ initialValues: { key: '' }, validate: { key: (v) => (v.trim() ? null : t.common.required) } })
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={onClose}
      title={words.redeem.title}
      label={words.redeem.submit}
      form={form}
      submit={async ({ key }) => {
        await redeem(app, user.id, key.trim())
        done(words.redeem.done)
        form.reset()
        onClose()
      }}
    >
      <TextInput label={words.redeem.key} description={words.redeem.hint} data-autofocus autoComplete="off" spellCheck={false} {...form.getInputProps('key')} />
    </FormDrawer>
  )
}

import { Skeleton, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { App, Subscription } from '@/api/client'
import { subscriptionsQuery } from '@/app/apps'
import { t } from '@/strings'
import { nameFault } from '../apps/data'
import { renameSubscription } from './data'
import { StepForm } from './StepForm'

const words = t.welcome.subscription

interface Props {
  app: App
  done: () => void
  back: () => void
}

export function SubscriptionStep(props: Props) {
  const { data } = useQuery(subscriptionsQuery(props.app.id))
  const first = data?.[0]
  if (!first) return <Skeleton height={160} />
  return <Rename {...props} subscription={first} />
}

function Rename({ app, subscription, done, back }: Props & { subscription: Subscription }) {
  const form = useForm({
    initialValues: { name: subscription.name },
    validateInputOnChange: true,
    validate: { name: (v) => nameFault(v, t.common.required, t.common.atMost(70)) },
  })
  return (
    <StepForm
      title={words.title}
      text={words.text}
      label={words.submit}
      form={form}
      back={back}
      submit={async ({ name }) => {
        await renameSubscription(app.id, subscription, name.trim())
        done()
      }}
    >
      <TextInput label={words.name} autoFocus autoComplete="off" {...form.getInputProps('name')} />
    </StepForm>
  )
}

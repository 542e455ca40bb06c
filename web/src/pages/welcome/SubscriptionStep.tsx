import { Skeleton, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { App, Subscription } from '@/api/client'
import { subscriptionsQuery } from '@/app/apps'
import { t } from '@/strings'
import { nameFault } from '../apps/data'
import { renameSubscription } from './data'
import { StepForm } from './StepForm'

const words = t.welcome.subscription

export function SubscriptionStep({ app, done }: { app: App; done: () => void }) {
  const { data } = useQuery(subscriptionsQuery(app.id))
  const first = data?.[0]
  if (!first) return <Skeleton height={160} />
  return <Rename app={app} subscription={first} done={done} />
}

function Rename({ app, subscription, done }: { app: App; subscription: Subscription; done: () => void }) {
  const [name, setName] = useState(subscription.name)
  const fault = nameFault(name, t.common.required, t.common.atMost(70))
  return (
    <StepForm
      title={words.title}
      text={words.text}
      label={words.submit}
      submit={async () => {
        if (fault) return
        await renameSubscription(app.id, subscription, name.trim())
        done()
      }}
    >
      <TextInput
        label={words.name}
        value={name}
        onChange={(e) => {
          setName(e.currentTarget.value)
        }}
        error={fault}
        autoFocus
        autoComplete="off"
      />
    </StepForm>
  )
}

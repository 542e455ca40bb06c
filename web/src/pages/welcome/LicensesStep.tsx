import { NumberInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { App } from '@/api/client'
import { subscriptionsQuery } from '@/app/apps'
import { fault, type Length } from '@/rules/duration'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { makeLicenses } from './data'
import { StepForm } from './StepForm'

const words = t.welcome.licenses
const most = 1000 // the page of licenses makes more

export function LicensesStep({ app, done }: { app: App; done: () => void }) {
  const { data } = useQuery(subscriptionsQuery(app.id))
  const [amount, setAmount] = useState(5)
  const [duration, setDuration] = useState<Length>({ amount: 30, unit: 'day' })
  const wrong = Number.isInteger(amount) && amount >= 1 && amount <= most ? null : t.common.wholeNumber(1, most)
  return (
    <StepForm
      title={words.title}
      text={words.text}
      label={words.submit(amount || 1)}
      disabled={!data}
      submit={async () => {
        if (wrong || fault(duration)) return
        await makeLicenses(app.id, data?.[0]?.level ?? 1, amount, duration)
        done()
      }}
    >
      <NumberInput
        label={words.amount}
        value={amount}
        onChange={(n) => {
          setAmount(typeof n === 'number' ? n : 0)
        }}
        min={1}
        max={most}
        clampBehavior="none"
        allowDecimal={false}
        error={wrong}
      />
      <DurationInput label={words.duration} value={duration} onChange={setDuration} />
    </StepForm>
  )
}

import { NumberInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { App } from '@/api/client'
import { subscriptionsQuery } from '@/app/apps'
import { fault, type Length } from '@/rules/duration'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { makeLicenses, unusedQuery } from './data'
import { StepForm } from './StepForm'

const words = t.welcome.licenses
const most = 1000 // the page of licenses makes more

export function LicensesStep({ app, done, back }: { app: App; done: () => void; back: () => void }) {
  const { data } = useQuery(subscriptionsQuery(app.id))
  const { data: unused = 0 } = useQuery(unusedQuery(app.id))
  const form = useForm({
    initialValues: { amount: 5 as number | '', duration: { amount: 30, unit: 'day' } as Length },
    validateInputOnChange: true,
    validate: {
      amount: (v) => (Number.isInteger(v) && Number(v) >= 1 && Number(v) <= most ? null : t.common.wholeNumber(1, most)),
      duration: (v) => fault(v),
    },
  })
  return (
    <StepForm
      title={words.title}
      text={words.text}
      label={words.submit(Number(form.values.amount) || 1)}
      disabled={!data}
      form={form}
      back={back}
      // Whoever comes back has some already.
      skip={unused > 0 ? { label: words.skip(unused), run: done } : undefined}
      submit={async ({ amount, duration }) => {
        await makeLicenses(app.id, data?.[0]?.level ?? 1, Number(amount), duration)
        done()
      }}
    >
      <NumberInput label={words.amount} min={1} max={most} clampBehavior="none" allowDecimal={false} {...form.getInputProps('amount')} />
      <DurationInput
        label={words.duration}
        value={form.values.duration}
        onChange={(v) => {
          form.setFieldValue('duration', v)
        }}
        error={form.errors.duration}
      />
    </StepForm>
  )
}

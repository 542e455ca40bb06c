import { TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { App } from '@/api/client'
import { t } from '@/strings'
import { createApp, nameFault, renameApp } from '../apps/data'
import { StepForm } from './StepForm'

const words = t.welcome.app

/** Makes the application, or gives the one that was made another name. */
export function AppStep({ made, done }: { made?: App; done: (app: string) => void }) {
  const form = useForm({
    initialValues: { name: made?.name ?? '' },
    validateInputOnChange: true,
    validate: { name: (v) => nameFault(v, t.common.required, t.common.atMost(70)) },
  })
  return (
    <StepForm
      title={words.title}
      text={words.text}
      label={made ? words.keep : words.submit}
      form={form}
      submit={async ({ name }) => {
        if (!made) done((await createApp(name.trim())).id)
        else {
          if (name.trim() !== made.name) await renameApp(made.id, name.trim())
          done(made.id)
        }
      }}
    >
      <TextInput label={words.name} placeholder={words.example} autoFocus autoComplete="off" {...form.getInputProps('name')} />
    </StepForm>
  )
}

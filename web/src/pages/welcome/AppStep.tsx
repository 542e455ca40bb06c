import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { t } from '@/strings'
import { createApp, nameFault } from '../apps/data'
import { StepForm } from './StepForm'

const words = t.welcome.app

export function AppStep({ done }: { done: (app: string) => void }) {
  const [name, setName] = useState('')
  const [touched, touch] = useState(false)
  const fault = nameFault(name, t.common.required, t.common.atMost(70))
  return (
    <StepForm
      title={words.title}
      text={words.text}
      label={words.submit}
      submit={async () => {
        touch(true)
        if (!fault) done((await createApp(name.trim())).id)
      }}
    >
      <TextInput
        label={words.name}
        placeholder={words.example}
        value={name}
        onChange={(e) => {
          setName(e.currentTarget.value)
        }}
        error={touched && fault}
        autoFocus
        autoComplete="off"
      />
    </StepForm>
  )
}

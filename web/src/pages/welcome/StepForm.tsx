import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { t } from '@/strings'
import { focusFirst, placeErrors } from '@/ui/errors'

interface Props<V extends object> {
  title: string
  text: string
  label: string
  form: UseFormReturnType<V>
  children: React.ReactNode
  disabled?: boolean
  /** Throws what the server says; its errors are shown at their fields. */
  submit: (values: V) => Promise<void>
  /** To the question before; absent at the first. */
  back?: () => void
  /** On without an answer, where none is needed. */
  skip?: { label: string; run: () => void }
}

/** One question of the way. */
export function StepForm<V extends object>({ title, text, label, form, children, disabled, submit, back, skip }: Props<V>) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  async function send(values: V) {
    if (busy || disabled) return
    setBusy(true)
    setError('')
    try {
      await submit(values)
    } catch (e) {
      setError(placeErrors(e, form))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit((values) => void send(values), focusFirst)} noValidate>
      <Stack maw={480}>
        <div>
          <Title order={2}>{title}</Title>
          <Text c="dimmed" mt={4}>
            {text}
          </Text>
        </div>
        {children}
        {error && (
          <Alert color="red" role="alert">
            {error}
          </Alert>
        )}
        <Group gap="xs">
          {back && (
            <Button variant="default" onClick={back}>
              {t.welcome.back}
            </Button>
          )}
          <Button type="submit" loading={busy} disabled={disabled}>
            {label}
          </Button>
          {skip && (
            <Button variant="subtle" onClick={skip.run}>
              {skip.label}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

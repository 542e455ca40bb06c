import { Alert, Button, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/ui/notify'

interface Props {
  title: string
  text: string
  label: string
  children: React.ReactNode
  disabled?: boolean
  /** What fails is said by the form. */
  submit: () => Promise<void>
}

/** One question of the way. */
export function StepForm({ title, text, label, children, disabled, submit }: Props) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  async function send(event: React.FormEvent) {
    event.preventDefault()
    if (busy || disabled) return
    setBusy(true)
    setError('')
    try {
      await submit()
    } catch (e) {
      setError(sentence(e))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(e) => void send(e)} noValidate>
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
        <div>
          <Button type="submit" loading={busy} disabled={disabled}>
            {label}
          </Button>
        </div>
      </Stack>
    </form>
  )
}

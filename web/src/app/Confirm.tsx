import { Alert, Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { api, onConfirmation } from '@/api/client'
import { t } from '@/strings'
import { Modal } from '@/ui/Layer'
import { sentence } from '@/ui/notify'
import { useAccount } from './session'

const words = t.account.confirm

/** Asks for the password once more when the server wants it; whatever waits for that goes on together. */
export function Confirm() {
  const [waiting, setWaiting] = useState<((given: boolean) => void)[]>([])
  useEffect(() => {
    onConfirmation(
      () =>
        new Promise((resolve) => {
          setWaiting((list) => [...list, resolve])
        }),
    )
  }, [])
  const end = (given: boolean) => {
    for (const go of waiting) go(given)
    setWaiting([])
  }
  return (
    <Modal
      opened={waiting.length > 0}
      onClose={() => {
        end(false)
      }}
      title={words.title}
      zIndex={500} // above the dialog whose action waits
    >
      {waiting.length > 0 && <Body end={end} />}
    </Modal>
  )
}

function Body({ end }: { end: (given: boolean) => void }) {
  const me = useAccount()
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  async function go(event: React.FormEvent) {
    event.preventDefault()
    event.stopPropagation() // it may be inside another form's tree
    if (!password || busy) return
    setBusy(true)
    setError('')
    try {
      await api.POST('/session/confirm', { body: { password } })
      end(true)
    } catch (e) {
      setError(sentence(e))
      setPassword('')
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(e) => void go(e)} noValidate>
      <Stack gap="md">
        <Text size="sm">{words.text}</Text>
        <input type="text" name="username" autoComplete="username" value={me?.email ?? ''} readOnly hidden />
        <PasswordInput
          label={words.password}
          autoComplete="current-password"
          data-autofocus
          value={password}
          onChange={(e) => {
            setPassword(e.currentTarget.value)
          }}
        />
        {error && (
          <Alert color="red" role="alert">
            {error}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            onClick={() => {
              end(false)
            }}
          >
            {t.common.cancel}
          </Button>
          <Button type="submit" loading={busy} disabled={!password}>
            {words.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

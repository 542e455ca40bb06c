import { Alert, Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { t } from '@/strings'
import { Modal } from '@/ui/Layer'
import { sentence } from '@/ui/notify'
import { useAccount } from './session'

/** Calls that wait until a person has answered; register is given what such a call asks. */
export function useWaiting(register: (ask: () => Promise<boolean>) => void) {
  const [waiting, setWaiting] = useState<((given: boolean) => void)[]>([])
  useEffect(() => {
    register(
      () =>
        new Promise((resolve) => {
          setWaiting((list) => [...list, resolve])
        }),
    )
  }, [register])
  const end = (given: boolean) => {
    for (const go of waiting) go(given)
    setWaiting([])
  }
  return { opened: waiting.length > 0, end }
}

interface Props {
  opened: boolean
  title: string
  text: string
  label: string
  /** Throws what the server says of the password. */
  submit: (password: string) => Promise<void>
  cancel: { label: string; run: () => void }
  /** Nobody may read what lies beneath. */
  veiled?: boolean
}

/** Asks whoever is signed in, or was a moment ago, for their password. */
export function PasswordDialog({ opened, title, cancel, veiled, ...rest }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={cancel.run}
      title={title}
      zIndex={500} // above the dialog whose action waits
      {...(veiled && { closeOnEscape: false, closeOnClickOutside: false, withCloseButton: false, overlayProps: { backgroundOpacity: 0.8, blur: 14 } })}
    >
      {opened && <Body cancel={cancel} {...rest} />}
    </Modal>
  )
}

function Body({ text, label, submit, cancel }: Pick<Props, 'text' | 'label' | 'submit' | 'cancel'>) {
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
      await submit(password)
    } catch (e) {
      setError(sentence(e))
      setPassword('')
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(e) => void go(e)} noValidate>
      <Stack gap="md">
        <Text size="sm">{text}</Text>
        <input type="text" name="username" autoComplete="username" value={me?.email ?? ''} readOnly hidden />
        <PasswordInput
          label={t.account.confirm.password}
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
          <Button variant="default" onClick={cancel.run}>
            {cancel.label}
          </Button>
          <Button type="submit" loading={busy} disabled={!password}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

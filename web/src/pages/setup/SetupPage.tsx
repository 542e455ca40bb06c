import { Alert, Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, take } from '@/api/client'
import { become } from '@/app/session'
import { setupOpen } from '@/base'
import { emailFault, passwordFault } from '@/rules/text'
import { t } from '@/strings'
import { focusFirst, placeErrors } from '@/ui/errors'
import { Front } from '@/ui/Front'
import { Password } from '@/ui/Password'
import { Secret } from '@/ui/Secret'

// The token stands in the address after #, which browsers send nowhere. It is
// taken out of the address at once, so that it stays out of history and shots.
const token = location.pathname.endsWith('/setup') ? (new URLSearchParams(location.hash.slice(1)).get('token') ?? '') : ''
if (token) history.replaceState(history.state, '', location.pathname)

export default function SetupPage() {
  const [key, setKey] = useState('')
  const navigate = useNavigate()
  if (key) {
    return (
      <Front title={t.setup.doneTitle} lead={t.setup.doneText}>
        <Stack>
          <Secret label={t.setup.apiKey} value={key} shown />
          <Button size="md" fullWidth onClick={() => void navigate({ to: '/welcome' })}>
            {t.setup.goOn}
          </Button>
        </Stack>
      </Front>
    )
  }
  if (!setupOpen) {
    return (
      <Front title={t.setup.closedTitle} lead={t.setup.closedText}>
        <Button component={Link} to="/sign-in" fullWidth size="md">
          {t.setup.toSignIn}
        </Button>
      </Front>
    )
  }
  return <Form done={setKey} />
}

function Form({ done }: { done: (key: string) => void }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const form = useForm({
    initialValues: { email: '', password: '' },
    validateInputOnChange: true,
    validate: {
      email: (v) => (v.trim() ? emailFault(v) : t.setup.emailNeeded),
      password: passwordFault,
    },
  })

  async function submit({ email, password }: { email: string; password: string }) {
    setBusy(true)
    setError('')
    try {
      const made = await take(api.POST('/setup', { body: { token, email: email.trim(), password } }))
      become(await take(api.GET('/session')))
      done(made.api_key)
    } catch (e) {
      setError(placeErrors(e, form))
      setBusy(false)
    }
  }
  return (
    <Front title={t.setup.headline} lead={t.setup.lead}>
      <form onSubmit={form.onSubmit((v) => void submit(v), focusFirst)} noValidate>
        <Stack>
          {!token && <Alert color="red">{t.setup.noToken}</Alert>}
          <TextInput label={t.setup.email} type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          <Password
            label={t.setup.password}
            description={t.setup.passwordHint}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
          {error && (
            <Alert color="red" role="alert">
              {error}
            </Alert>
          )}
          <Button type="submit" loading={busy} disabled={!token} fullWidth size="md">
            {t.setup.submit}
          </Button>
        </Stack>
      </form>
    </Front>
  )
}

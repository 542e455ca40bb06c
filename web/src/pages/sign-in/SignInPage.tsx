import { Alert, Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { api, take } from '@/api/client'
import { localPath } from '@/app/localPath'
import { useParam } from '@/app/params'
import { become } from '@/app/session'
import { base, setupOpen } from '@/base'
import { t } from '@/strings'
import { focusFirst, placeErrors } from '@/ui/errors'
import { Front } from '@/ui/Front'
import { Password } from '@/ui/Password'

export default function SignInPage() {
  const router = useRouter()
  const to = useParam('to')
  const ended = useParam('ended')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (v) => (v.trim() ? null : t.signIn.emailNeeded),
      password: (v) => (v ? null : t.signIn.passwordNeeded),
    },
  })

  async function submit(body: { email: string; password: string }) {
    setBusy(true)
    setError('')
    try {
      become(await take(api.POST('/session', { body: { email: body.email.trim(), password: body.password } })))
      router.history.replace(base + localPath(to))
    } catch (e) {
      setError(placeErrors(e, form))
      setBusy(false)
    }
  }
  return (
    <Front title={t.signIn.title} lead={t.signIn.lead}>
      <form onSubmit={form.onSubmit((v) => void submit(v), focusFirst)} noValidate>
        <Stack>
          {ended && !error && <Alert color="brass">{t.signIn.ended}</Alert>}
          {setupOpen && <Alert color="brass">{t.signIn.waiting}</Alert>}
          <TextInput label={t.signIn.email} type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          <Password label={t.signIn.password} autoComplete="current-password" {...form.getInputProps('password')} />
          {error && (
            <Alert color="red" role="alert">
              {error}
            </Alert>
          )}
          <Button type="submit" loading={busy} fullWidth size="md">
            {t.signIn.submit}
          </Button>
        </Stack>
      </form>
    </Front>
  )
}

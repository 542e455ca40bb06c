import { Button, Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useAccount } from '@/app/session'
import { emailFault, passwordFault } from '@/rules/text'
import { t } from '@/strings'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { focusFirst, placeErrors } from '@/ui/errors'
import { FormDrawer } from '@/ui/FormDrawer'
import { done, failed } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Password } from '@/ui/Password'
import { Time } from '@/ui/Time'
import { changeEmail, changePassword } from './data'

const words = t.account.profile

/** Who the account is, and its password. */
export function Profile() {
  const me = useAccount()
  const [changing, change] = useState(false)
  if (!me) return null
  return (
    <Stack gap="lg">
      <Paper withBorder p="lg">
        <Facts
          rows={[
            [
              words.email,
              <Group key="e" gap="sm">
                {me.email}
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={t.account.email.title}
                  onClick={() => {
                    change(true)
                  }}
                >
                  {t.account.email.action}
                </Button>
              </Group>,
            ],
            [words.role, me.administrator ? words.administrator : words.owner],
            [words.ownerId, <CopyCell key="o" value={me.owner_id} what={`${t.common.copy}: ${words.ownerId}`} />],
            [words.id, <CopyCell key="i" value={me.id} what={`${t.common.copy}: ${words.id}`} />],
            [words.created, <Time key="c" at={me.created_at} />],
          ]}
        />
      </Paper>
      <Once when={changing}>
        <EmailForm opened={changing} onClose={() => { change(false) }} />
      </Once>
      <Paper withBorder p="lg" component="section" aria-labelledby="password-title">
        <Title order={2} size="h4" id="password-title" mb={4}>
          {words.password}
        </Title>
        <Text c="dimmed" size="sm" mb="md">
          {words.note}
        </Text>
        <PasswordForm email={me.email} />
      </Paper>
    </Stack>
  )
}

function EmailForm({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const own = t.account.email
  const form = useForm({ initialValues: { email: '', password: '' }, validateInputOnChange: ['email'], validate: { email: (v) => (v.trim() ? emailFault(v) : own.needed), password: (v) => (v ? null : t.common.required) } })
  const close = () => {
    form.reset()
    onClose()
  }
  return (
    <FormDrawer
      small
      opened={opened}
      onClose={close}
      title={own.title}
      form={form}
      label={own.submit}
      submit={async (v) => {
        await changeEmail(v.email.trim(), v.password)
        done(own.done)
        close()
      }}
    >
      <Text size="sm">{own.text}</Text>
      <TextInput label={own.fresh} type="email" autoComplete="email" data-autofocus {...form.getInputProps('email')} />
      <Password label={own.password} autoComplete="current-password" {...form.getInputProps('password')} />
    </FormDrawer>
  )
}

function PasswordForm({ email }: { email: string }) {
  const [busy, setBusy] = useState(false)
  const form = useForm({
    initialValues: { current: '', new: '', again: '' },
    validateInputOnChange: ['new', 'again'],
    validate: {
      current: (v) => (v ? null : t.common.required),
      new: passwordFault,
      again: (v, values) => (v === values.new ? null : words.differs),
    },
  })
  const save = async (v: { current: string; new: string }) => {
    setBusy(true)
    try {
      await changePassword(v.current, v.new)
      form.reset()
      done(words.done)
    } catch (e) {
      if (placeErrors(e, form)) failed(e)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={form.onSubmit((v) => void save(v), focusFirst)} noValidate>
      <Stack gap="md" maw={420}>
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <Password label={words.current} autoComplete="current-password" {...form.getInputProps('current')} />
        <Password label={words.fresh} description={words.freshHint} autoComplete="new-password" {...form.getInputProps('new')} />
        <Password label={words.again} autoComplete="new-password" {...form.getInputProps('again')} />
        <div>
          <Button type="submit" loading={busy}>
            {words.submit}
          </Button>
        </div>
      </Stack>
    </form>
  )
}

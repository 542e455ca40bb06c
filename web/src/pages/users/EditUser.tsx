import { NumberInput, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { User } from '@/api/client'
import { t } from '@/strings'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { Password } from '@/ui/Password'
import { useFilled } from '@/ui/useFilled'
import { emailFault, nameFault, passwordFault } from './CreateUser'
import { updateUser } from './data'

const words = t.users

interface Values {
  username: string
  email: string
  password: string
  clear_password: boolean
  hwid_affected: boolean
  device_limit: number | ''
}

const valuesOf = (u: User): Values => ({
  username: u.username,
  email: u.email ?? '',
  password: '',
  clear_password: false,
  hwid_affected: u.hwid_affected,
  device_limit: u.device_limit ?? '',
})

interface Props {
  app: string
  user: User
  /** Of what the form shows: an edit of what somebody else has changed is refused. */
  tag: string
  opened: boolean
  onClose: () => void
}

/** Changes what a user is called, and how they may sign in. */
export function EditUser({ app, user, tag, opened, onClose }: Props) {
  const form = useForm<Values>({
    initialValues: valuesOf(user),
    validateInputOnChange: true,
    validate: {
      username: nameFault,
      email: emailFault,
      password: passwordFault,
      device_limit: (v) => (v === '' || (Number.isInteger(v) && v >= 1 && v <= 1000) ? null : t.common.wholeNumber(1, 1000)),
    },
  })
  useFilled(form, opened, () => valuesOf(user))
  return (
    <FormDrawer
      opened={opened}
      onClose={onClose}
      title={words.edit.title}
      label={t.common.save}
      form={form}
      submit={async (v) => {
        const before = valuesOf(user)
        const limit = v.device_limit === '' ? null : v.device_limit
        await updateUser(app, user.id, tag, {
          username: v.username === before.username ? undefined : v.username.trim(),
          email: v.email === before.email ? undefined : v.email.trim(),
          password: (!v.clear_password && v.password) || undefined,
          clear_password: v.clear_password || undefined,
          hwid_affected: v.hwid_affected === before.hwid_affected ? undefined : v.hwid_affected,
          device_limit: v.device_limit === before.device_limit ? undefined : limit,
        })
        done(t.common.saved)
        onClose()
      }}
    >
      <TextInput label={words.field.name} description={words.create.nameHint} autoComplete="off" spellCheck={false} {...form.getInputProps('username')} />
      <TextInput label={words.field.email} description={words.create.emailHint} type="email" autoComplete="off" {...form.getInputProps('email')} />
      <Password
        label={words.edit.newPassword}
        description={words.edit.newPasswordHint}
        autoComplete="new-password"
        disabled={form.values.clear_password}
        {...form.getInputProps('password')}
      />
      <Switch label={words.edit.clearPassword} description={words.edit.clearPasswordHint} {...form.getInputProps('clear_password', { type: 'checkbox' })} />
      <Switch label={words.create.affected} description={words.create.affectedHint} {...form.getInputProps('hwid_affected', { type: 'checkbox' })} />
      <NumberInput label={words.edit.limit} description={words.edit.limitHint} min={1} max={1000} allowDecimal={false} clampBehavior="none" {...form.getInputProps('device_limit')} />
    </FormDrawer>
  )
}

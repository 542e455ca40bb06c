import { api, onConfirmation } from '@/api/client'
import { t } from '@/strings'
import { PasswordDialog, useWaiting } from './PasswordDialog'

const words = t.account.confirm

/** Asks for the password once more when the server wants it; whatever waits for that goes on together. */
export function Confirm() {
  const { opened, end } = useWaiting(onConfirmation)
  return (
    <PasswordDialog
      opened={opened}
      title={words.title}
      text={words.text}
      label={words.submit}
      submit={async (password) => {
        await api.POST('/session/confirm', { body: { password } })
        end(true)
      }}
      cancel={{
        label: t.common.cancel,
        run: () => {
          end(false)
        },
      }}
    />
  )
}

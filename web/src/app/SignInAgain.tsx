import { useEffect, useEffectEvent } from 'react'
import { api, onSignedOut, take } from '@/api/client'
import { t } from '@/strings'
import { PasswordDialog, useWaiting } from './PasswordDialog'
import { queryClient } from './query'
import { router } from './router'
import { becomeNobody, becomeAgain, current, onOtherTabs } from './session'

const words = t.account.again

const signIn = (search: Record<string, string>) => router.navigate({ to: '/sign-in', search: search as never })

/** When a session has ended: the same person signs in above the page, and every call that was refused is made again. */
export function SignInAgain() {
  const { opened, end } = useWaiting(register)
  const heard = useEffectEvent((what: string) => {
    const me = current()
    if (!me) return
    if (what === 'out') {
      // What customers' data a tab still shows goes with the session.
      end(false)
      void becomeNobody(() => signIn({ to: router.state.location.href }))
    } else if (what === me.account.id && opened) {
      void queryClient.invalidateQueries({ queryKey: ['session'] })
      end(true)
    }
  })
  useEffect(() => {
    onOtherTabs(heard)
  }, [])
  return (
    <PasswordDialog
      veiled
      opened={opened}
      title={words.title}
      text={words.text(current()?.account.email ?? '')}
      label={words.submit}
      submit={async (password) => {
        becomeAgain(await take(api.POST('/session', { body: { email: current()?.account.email ?? '', password } })))
        end(true)
      }}
      cancel={{
        label: words.leave,
        run: () => {
          end(false)
          void becomeNobody(() => signIn({ to: router.state.location.href, ended: '1' }))
        },
      }}
    />
  )
}

/** Has somebody asked where somebody was signed in: neither at the sign-in itself nor before it is known who asks. */
function register(ask: () => Promise<boolean>) {
  onSignedOut(() => {
    const { pathname } = router.state.location
    return pathname === '/sign-in' || pathname === '/setup' || !current() ? Promise.resolve(false) : ask()
  })
}

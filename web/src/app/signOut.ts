import { useNavigate } from '@tanstack/react-router'
import { api } from '@/api/client'
import { isSignedOut } from '@/api/problem'
import { failed } from '@/ui/notify'
import { becomeNobody, tellSignedOut } from './session'

/** Ends the session, in all tabs, and leads to the sign-in. */
export function useSignOut() {
  const navigate = useNavigate()
  return async () => {
    try {
      await api.DELETE('/session')
    } catch (e) {
      if (!isSignedOut(e)) {
        failed(e)
        return
      }
    }
    tellSignedOut()
    await becomeNobody(() => navigate({ to: '/sign-in' }))
  }
}

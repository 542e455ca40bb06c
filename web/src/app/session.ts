import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, type Schema, take } from '@/api/client'
import { isSignedOut } from '@/api/problem'
import { base, signedOut } from '@/base'
import { queryClient } from './query'

export type Session = Schema['CurrentSession']

// Until the first question, the server's word for it that nobody is.
let unasked = signedOut

/** Who is signed in; null if nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    if (unasked) {
      unasked = false
      return null
    }
    try {
      return await take(api.GET('/session'))
    } catch (e) {
      if (isSignedOut(e)) return null
      throw e
    }
  },
  staleTime: 60_000,
  gcTime: Infinity,
})

/** Whether somebody may be signed in: the server has not said otherwise yet. */
export const perhaps = () => !unasked && queryClient.getQueryData(sessionQuery.queryKey) !== null

/** The account that is signed in; only pages behind the sign-in may ask. */
export function useAccount() {
  const { data } = useQuery(sessionQuery)
  return data?.account
}

/** Which session it is; only pages behind the sign-in may ask. */
export function useSessionId() {
  const { data } = useQuery(sessionQuery)
  return data?.session_id
}

/** Who is signed in, or was until a moment ago, as far as is known. */
export const current = () => queryClient.getQueryData(sessionQuery.queryKey)

/** Goes on as the same person, in all tabs: what was read stays. */
export function becomeAgain(session: Session) {
  queryClient.setQueryData(sessionQuery.queryKey, session)
  tabs.postMessage(session.account.id)
}

/** Is somebody from now on; what was read as somebody else is forgotten. */
export function become(session: Session) {
  unasked = false
  forget()
  queryClient.setQueryData(sessionQuery.queryKey, session)
}

/** Is nobody from now on. leave goes to a page that reads nothing, before all that was read is forgotten. */
export async function becomeNobody(leave: () => Promise<void>) {
  queryClient.setQueryData(sessionQuery.queryKey, null)
  await leave()
  forget()
}

const tabs = new BroadcastChannel(`latchkey.session${base}`)

/** Tells the other tabs that somebody has signed out. */
export const tellSignedOut = () => {
  tabs.postMessage('out')
}

/** Calls f with what other tabs tell: 'out', or the id of the account that has signed in again. */
export const onOtherTabs = (f: (what: string) => void) => {
  tabs.onmessage = (e: MessageEvent<string>) => {
    f(e.data)
  }
}

function forget() {
  queryClient.removeQueries({ predicate: (q) => q.queryKey[0] !== sessionQuery.queryKey[0] })
}

import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, type Schema, take } from '@/api/client'
import { isSignedOut } from '@/api/problem'
import { signedOut } from '@/base'
import { queryClient } from './query'

export type Session = Schema['CurrentSession']

/** Who is signed in; null if nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await take(api.GET('/session'))
    } catch (e) {
      if (isSignedOut(e)) return null
      throw e
    }
  },
  initialData: signedOut ? null : undefined,
  staleTime: 60_000,
})

/** The account that is signed in; only pages behind the sign-in may ask. */
export function useAccount() {
  const { data } = useQuery(sessionQuery)
  return data?.account
}

/** Is somebody from now on; what was read as somebody else is forgotten. */
export function become(session: Session) {
  forget()
  queryClient.setQueryData(sessionQuery.queryKey, session)
}

/** Is nobody from now on. leave goes to a page that reads nothing, before all that was read is forgotten. */
export async function becomeNobody(leave: () => Promise<void>) {
  queryClient.setQueryData(sessionQuery.queryKey, null)
  await leave()
  forget()
}

function forget() {
  queryClient.removeQueries({ predicate: (q) => q.queryKey[0] !== sessionQuery.queryKey[0] })
}

/** An address within the dashboard to go to, "/" for anything that is none. */
export function localPath(to: unknown): string {
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to) || /[\\\t\n\r]/.test(to)) return '/'
  return to
}

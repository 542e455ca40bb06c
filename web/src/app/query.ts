import { QueryClient } from '@tanstack/react-query'
import { onReconnect } from '@/api/connection'
import { Problem } from '@/api/problem'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; only what got no answer is asked for again.
      retry: (failures, error) => failures < 2 && error instanceof Problem && (error.status === 0 || error.status === 503),
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

onReconnect(() => void queryClient.invalidateQueries())

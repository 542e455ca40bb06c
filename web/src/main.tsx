import './mantine.css'
import '@mantine/notifications/styles.css'
import './theme.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { onSignedOut } from './api/client'
import { Confirm } from './app/Confirm'
import { queryClient } from './app/query'
import { router } from './app/router'
import { becomeNobody, onSignedOutElsewhere, sessionQuery } from './app/session'
import { nonce } from './base'
import { theme } from './theme'

// Styles that libraries make while the page runs carry the nonce of the policy.
setNonce(nonce)

onSignedOut(() => {
  const { href, pathname } = router.state.location
  if (pathname === '/sign-in' || pathname === '/setup') return
  // What is read ahead may be refused before it is known who asks: the router goes there by itself.
  if (queryClient.getQueryData(sessionQuery.queryKey) === undefined) return
  void becomeNobody(() => router.navigate({ to: '/sign-in', search: { to: href, ended: '1' } as never }))
})

// What customers' data a tab still shows goes with the session.
onSignedOutElsewhere(() => {
  if (queryClient.getQueryData(sessionQuery.queryKey)) void becomeNobody(() => router.navigate({ to: '/sign-in', search: { to: router.state.location.href } as never }))
})

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <Notifications position="bottom-right" limit={4} />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Confirm />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}

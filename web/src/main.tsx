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
import { Confirm } from './app/Confirm'
import { queryClient } from './app/query'
import { router } from './app/router'
import { SignInAgain } from './app/SignInAgain'
import { nonce } from './base'
import { theme } from './theme'

// Styles that libraries make while the page runs carry the nonce of the policy.
setNonce(nonce)

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <Notifications position="bottom-right" limit={4} />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Confirm />
          <SignInAgain />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}

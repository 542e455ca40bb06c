import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

/** One parameter of the address. Who reads it is drawn anew when this one changes, and not with every key of a search. */
export const useParam = (name: string) => useSearch({ strict: false, select: (all) => (all as Record<string, string | undefined>)[name] })

/**
 * What the address has open over a page: the details of a row, or a dialog worth
 * a link. show opens and closes by the address, so that links and the way back
 * do as well, and leaves the rest of it and of its history as they are.
 */
export function useOpened() {
  const open = useParam('open')
  const dialog = useParam('dialog')
  const navigate = useNavigate()
  const show = useCallback(
    (change: { open?: string; dialog?: string }) => navigate({ to: '.', search: ((old: object) => ({ ...old, ...change })) as never, state: true }),
    [navigate],
  )
  return { open, dialog, show }
}

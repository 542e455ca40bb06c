import { Drawer as PlainDrawer, type DrawerProps, Modal as PlainModal, type ModalProps } from '@mantine/core'
import { useEffect, useId, useSyncExternalStore } from 'react'

// Dialogs and drawers lie upon each other: Esc closes the topmost alone, and the
// focus goes back to where it was when one opened.

interface Entry {
  id: string
}
let layers: Entry[] = []
const watchers = new Set<() => void>()

function become(next: Entry[]) {
  layers = next
  for (const watch of watchers) watch()
}

const subscribe = (watch: () => void) => {
  watchers.add(watch)
  return () => watchers.delete(watch)
}

const content = '#content' // of the page: has the focus where the place of before is gone
const settled = 30 // milliseconds: what lies beneath has been drawn by then

/** Where the focus is, or the button of the menu that it is in: the menu goes. */
function whence(): HTMLElement | null {
  const at = document.activeElement
  const menu = at?.closest('[role="menu"]')
  if (menu) return document.getElementById(menu.id.replace(/-dropdown$/, '-target'))
  return at instanceof HTMLElement && at !== document.body ? at : null
}

/** Puts the focus back, unless something else has been gone to meanwhile. */
function giveBack(before: HTMLElement | null, beneath: Entry[]) {
  const at = document.activeElement
  if (at && at !== document.body && !at.closest('[role="dialog"]')) return
  if (layers.some((e) => !beneath.includes(e))) return
  if (before?.isConnected) before.focus({ preventScroll: true })
  else if (before && layers.length === 0) document.querySelector<HTMLElement>(content)?.focus({ preventScroll: true })
}

/** Puts a layer on the pile while it is open, and says whether it is the topmost. */
function useTop(opened: boolean): boolean {
  const id = useId()
  useEffect(() => {
    if (!opened) return
    const before = whence()
    const entry = { id }
    let beneath = layers
    // Neither before the key that opens or closes this one has been heard by all: another would take it for its own.
    const put = setTimeout(() => {
      beneath = layers
      become([...layers, entry])
    })
    return () => {
      clearTimeout(put)
      setTimeout(() => {
        become(layers.filter((e) => e !== entry))
      })
      setTimeout(() => {
        giveBack(before, beneath)
      }, settled)
    }
  }, [opened, id])
  return useSyncExternalStore(subscribe, () => layers.at(-1)?.id === id)
}

export function Modal({ closeOnEscape = true, ...rest }: ModalProps) {
  const top = useTop(rest.opened)
  return <PlainModal {...rest} closeOnEscape={closeOnEscape && top} returnFocus={false} />
}

export function Drawer({ closeOnEscape = true, ...rest }: DrawerProps) {
  const top = useTop(rest.opened)
  return <PlainDrawer {...rest} closeOnEscape={closeOnEscape && top} returnFocus={false} />
}

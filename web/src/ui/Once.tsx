import { useState } from 'react'

/** Dialogs of a page: not made until the first of them is asked for, and kept from then on, since they close with a movement. */
export function Once({ when, children }: { when: boolean; children: React.ReactNode }) {
  const [was, note] = useState(when)
  if (when && !was) note(true)
  return (was || when) && children
}

import { Tooltip, VisuallyHidden } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useLast } from './useLast'

const pause = 400 // milliseconds of pointing before it shows

/**
 * One tooltip for whatever has a data-hint. Lists have hundreds of such things,
 * and a Tooltip around each of them costs more than the rest of its row. What
 * stands in data-hint-said is read out as well.
 */
export function Hints() {
  const [hint, show] = useState<{ target: HTMLElement; text: string }>()
  const [said, say] = useState('')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let at: HTMLElement | undefined
    const read = () => {
      const text = at?.dataset.hint
      show(at && text ? { target: at, text } : undefined)
    }
    // What is said changes while it is pointed at: "Copied".
    const changes = new MutationObserver(() => {
      read()
      say(at?.dataset.hintSaid ?? '')
    })
    const look = (e: Event) => {
      const next = e.type === 'focusout' ? undefined : ((e.target as Element).closest<HTMLElement>('[data-hint]') ?? undefined)
      if (next === at) return
      clearTimeout(timer)
      changes.disconnect()
      at = next
      if (!at) {
        show(undefined)
        return
      }
      changes.observe(at, { attributeFilter: ['data-hint'] })
      timer = setTimeout(read, pause)
    }
    const leave = (e: KeyboardEvent) => {
      if (e.key === 'Escape') show(undefined)
    }
    for (const type of ['pointerover', 'focusin', 'focusout']) document.addEventListener(type, look)
    document.addEventListener('keydown', leave)
    return () => {
      for (const type of ['pointerover', 'focusin', 'focusout']) document.removeEventListener(type, look)
      document.removeEventListener('keydown', leave)
      changes.disconnect()
      clearTimeout(timer)
    }
  }, [])
  const last = useLast(hint)
  return (
    <>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      {last && <Tooltip target={last.target} label={last.text} opened={Boolean(hint)} />}
    </>
  )
}

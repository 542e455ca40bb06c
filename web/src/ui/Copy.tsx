import { Button } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import clsx from 'clsx'
import { useEffect, useRef, useState } from 'react'
import { t } from '@/strings'
import classes from './Copy.module.css'
import { copyText } from './clipboard'

function useCopied() {
  const [copied, setCopied] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(
    () => () => {
      clearTimeout(timer.current)
    },
    [],
  )
  const copy = async (text: string) => {
    await copyText(text)
    setCopied(true)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      setCopied(false)
    }, 1500)
  }
  return { copied, copy }
}

/**
 * A small button that copies a value. what names it to who cannot see it: "Copy
 * key". Plain elements: lists have one in every row.
 */
export function CopyIcon({ value, what, className }: { value: string; what: string; className?: string }) {
  const { copied, copy } = useCopied()
  return (
    <button
      type="button"
      className={clsx(classes.icon, className)}
      aria-label={what}
      data-done={copied || undefined}
      data-hint={copied ? t.common.copied : what}
      data-hint-said={copied ? t.common.copied : undefined}
      onClick={(e) => {
        e.stopPropagation()
        void copy(value)
      }}
    />
  )
}

/** A value in the type of code that can be copied; the button shows when it is pointed at. */
export function CopyCell({ value, what, shown }: { value: string; what: string; shown?: string }) {
  return (
    <span className={classes.cell}>
      <code className={classes.code}>{shown ?? value}</code>
      <CopyIcon value={value} what={what} className={classes.button} />
    </span>
  )
}

/** A button with words that copies. */
export function CopyButton({ value, label, variant = 'default' }: { value: string | (() => string); label?: string; variant?: string }) {
  const { copied, copy } = useCopied()
  return (
    <Button
      variant={variant}
      leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      onClick={() => void copy(typeof value === 'string' ? value : value())}
    >
      {copied ? t.common.copied : (label ?? t.common.copy)}
    </Button>
  )
}

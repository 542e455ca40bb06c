import { ActionIcon, Button, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
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

/** A small button that copies a value. what names it to who cannot see it: "Copy key". */
export function CopyIcon({ value, what, className }: { value: string; what: string; className?: string }) {
  const { copied, copy } = useCopied()
  return (
    <Tooltip label={copied ? t.common.copied : what} openDelay={200}>
      <ActionIcon
        size="sm"
        className={className}
        aria-label={what}
        onClick={(e) => {
          e.stopPropagation()
          void copy(value)
        }}
      >
        {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
        <VisuallyHidden role="status">{copied ? t.common.copied : ''}</VisuallyHidden>
      </ActionIcon>
    </Tooltip>
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

import { CloseButton, Kbd, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '@/strings'
import classes from './DataList.module.css'

const pause = 250 // milliseconds without a key before the server is asked

/** The search of a list; / goes to it, Esc empties and leaves it. */
export function Search({ value, onChange, hint }: { value: string; onChange: (q: string) => void; hint: string }) {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [seen, setSeen] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  if (seen !== value) {
    // The address changed by itself: back, forward, filters cleared.
    setSeen(value)
    setText(value)
  }
  useEffect(
    () => () => {
      clearTimeout(timer.current)
    },
    [],
  )
  useHotkeys([
    [
      '/',
      () => {
        input.current?.focus()
        input.current?.select()
      },
    ],
  ])
  const type = (next: string, at = pause) => {
    setText(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const q = next.trim()
      setSeen(q)
      if (q !== value) onChange(q)
    }, at)
  }
  return (
    <TextInput
      ref={input}
      className={classes.search}
      aria-label={t.list.search}
      placeholder={hint}
      value={text}
      onChange={(e) => {
        type(e.currentTarget.value)
      }}
      onKeyDown={(e) => {
        if (e.key === 'Enter') type(text, 0)
        if (e.key === 'Escape') {
          if (text) type('', 0)
          else e.currentTarget.blur()
        }
      }}
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={
        text ? (
          <CloseButton
            size="sm"
            aria-label={t.list.clearSearch}
            onClick={() => {
              type('', 0)
              input.current?.focus()
            }}
          />
        ) : (
          <Kbd size="xs" className={classes.slash} aria-hidden>
            /
          </Kbd>
        )
      }
      spellCheck={false}
      autoComplete="off"
    />
  )
}

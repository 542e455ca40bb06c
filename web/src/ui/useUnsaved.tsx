import { Button, Group, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useCallback, useRef, useState } from 'react'
import { t } from '@/strings'
import { Modal } from './Layer'

interface Words {
  title: string
  text: string
  stay: string
  leave: string
}

/**
 * Asks before something is left that would be lost by it: by a link, by the way
 * back, or by closing the tab, which asks in the browser's words. leave asks the
 * same where no address changes; free says that what goes now is meant.
 */
export function useUnsaved(lost: boolean, words: Words = t.common.unsaved) {
  const freed = useRef(false)
  const [going, go] = useState<{ on: () => void }>()
  const blocker = useBlocker({
    // Who is signed out sees that, whatever was open.
    shouldBlockFn: useCallback(({ next }: { next: { pathname: string } }) => !freed.current && !next.pathname.endsWith('/sign-in'), []),
    disabled: !lost,
    enableBeforeUnload: lost,
    withResolver: true,
  })
  const free = useCallback((on: boolean) => {
    freed.current = on
  }, [])
  const leave = (on: () => void) => {
    if (lost) go({ on })
    else on()
  }
  const question = (
    <Question
      words={words}
      opened={Boolean(going) || blocker.status === 'blocked'}
      stay={() => {
        go(undefined)
        blocker.reset?.()
      }}
      leave={() => {
        free(true)
        go(undefined)
        blocker.proceed?.()
        going?.on()
      }}
    />
  )
  return { free, leave, question }
}

function Question({ words, opened, stay, leave }: { words: Words; opened: boolean; stay: () => void; leave: () => void }) {
  return (
    <Modal opened={opened} onClose={stay} title={words.title}>
      <Stack gap="md">
        <Text>{words.text}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={stay} data-autofocus>
            {words.stay}
          </Button>
          <Button color="red" onClick={leave}>
            {words.leave}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

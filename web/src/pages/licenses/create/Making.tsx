import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { type App, callName } from '@/api/client'
import { isProblem, type Problem } from '@/api/problem'
import { type Progress as Made, stream } from '@/api/stream'
import { t } from '@/strings'
import { focused } from '@/ui/focused'
import { sentence } from '@/ui/notify'
import { useUnsaved } from '@/ui/useUnsaved'
import { licensesChanged } from '../data'
import { body, type Values } from './values'

interface Props {
  app: App
  values: Values
  done: (keys: string[]) => void
  /** Why, if it is for the form to say at its fields. */
  failed: (why?: Problem) => void
}

/** Makes a batch of any size, and collects its keys as they arrive. */
export function Making({ app, values, done, failed }: Props) {
  const [making, setMaking] = useState<Made>({ made: 0, amount: values.amount })
  const [fetched, setFetched] = useState(0)
  const [error, setError] = useState<unknown>()
  const [attempt, setAttempt] = useState(0)
  // One name for all attempts: a batch whose answer was lost is not made twice.
  const name = useRef(callName())
  const stop = useRef<AbortController>(undefined)
  const words = t.licenses.create
  const { question } = useUnsaved(error === undefined, t.common.running)

  useEffect(() => {
    const abort = new AbortController()
    stop.current = abort
    const keys: string[] = []
    let shown = 0
    stream(`/apps/${app.id}/licenses`, {
      body: JSON.stringify(body(values)),
      name: name.current,
      signal: abort.signal,
      onProgress: setMaking,
      onLine: (line) => {
        keys.push((JSON.parse(line) as { key: string }).key)
        const now = performance.now()
        if (now - shown > 100) {
          shown = now
          setFetched(keys.length)
        }
      },
    }).then(
      () => {
        void licensesChanged(app.id)
        done(keys)
      },
      (e: unknown) => {
        if (abort.signal.aborted) return
        if (isProblem(e) && e.errors.length > 0) failed(e)
        else setError(e)
      },
    )
    return () => {
      abort.abort()
    }
    // One attempt is one call, whatever else changes meanwhile.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [attempt])

  const { amount } = values
  // Making is most of the time; fetching the keys is the rest.
  const percent = fetched ? 80 + (20 * fetched) / amount : (80 * making.made) / amount
  if (error !== undefined) {
    return (
      <Stack>
        <Alert color="red" role="alert">
          {sentence(error)}
        </Alert>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" ref={focused} onClick={() => {
              failed()
            }}>
            {t.common.back}
          </Button>
          <Button
            onClick={() => {
              setError(undefined)
              setFetched(0)
              setAttempt(attempt + 1)
            }}
          >
            {t.common.tryAgain}
          </Button>
        </Group>
      </Stack>
    )
  }
  return (
    <Stack gap="sm" aria-live="polite">
      {question}
      <Group justify="space-between">
        <Text fw={500}>{fetched ? words.fetching : words.making}</Text>
        <Text size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
          {t.common.progress(fetched || making.made, amount)}
        </Text>
      </Group>
      <Progress value={percent} aria-label={words.making} />
      <Text size="sm" c="dimmed">
        {words.keepOpen}
      </Text>
      <Group justify="flex-end">
        <Button
          ref={focused}
          variant="default"
          onClick={() => {
            stop.current?.abort()
            failed()
          }}
        >
          {words.stop}
        </Button>
      </Group>
    </Stack>
  )
}

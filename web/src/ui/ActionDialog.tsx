import { Alert, Button, Group, Loader, Progress, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Progress as Made } from '@/api/stream'
import { t } from '@/strings'
import { focusFirst } from './errors'
import { type At, fieldErrors } from './fieldErrors'
import { Modal } from './Layer'
import { useUnsaved } from './useUnsaved'

/** What a dry run found. */
export interface Preview {
  /** How many would be changed; 0 leaves nothing to confirm. */
  changes: number
  /** The same, where it is not just as many as were counted. */
  exactly?: number
  lines: string[]
}

interface Props {
  opened: boolean
  onClose: () => void
  title: string
  /** What will happen, for people. */
  text?: string
  /** Choices that the action takes; where the server may say something of them, given what it says. */
  children?: React.ReactNode | ((at: At) => React.ReactNode)
  danger?: boolean
  /** Has to be typed before the worst. */
  typed?: string
  label: (p?: Preview) => string
  /** Asks the server how many; key says what the answer depends on. */
  preview?: { key: unknown[]; load: (signal: AbortSignal) => Promise<Preview> }
  run: (report: (p: Made) => void, signal: AbortSignal) => Promise<void>
  /** How far it came, where it did not come to its end; as far as it is known. */
  ended?: (p: Made) => string
}

/** Says what an action will do and to how many, asks, does it, and shows how far it is. */
export function ActionDialog(props: Props) {
  // What runs is not closed by the way: it would be cut off without a word.
  const [busy, setBusy] = useState(false)
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} size="md" closeOnEscape={!busy} closeOnClickOutside={!busy} withCloseButton={!busy}>
      {props.opened && <Body {...props} busy={busy} setBusy={setBusy} />}
    </Modal>
  )
}

const noticed = 1000 // milliseconds: the server has seen by then that nobody listens any more
const stop = 'stopped' // what a run ends with that was told to

/** Settles with what is waited for, or fails as soon as it is to be waited for no more. */
const until = <T,>(signal: AbortSignal, awaited: Promise<T>) =>
  Promise.race([
    awaited,
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error(stop))
      })
    }),
  ])

function Body({ onClose, text, children, danger, typed, label, preview, run, ended = t.common.ended, busy, setBusy }: Props & { busy: boolean; setBusy: (busy: boolean) => void }) {
  const [word, setWord] = useState('')
  const [progress, setProgress] = useState<Made>()
  const [halted, halt] = useState<string>()
  const [error, setError] = useState<unknown>()
  const abort = useRef<AbortController>(undefined)
  // Only what reports how far it is runs long.
  const { free, question } = useUnsaved(busy && progress !== undefined, t.common.running)
  useEffect(
    () => () => {
      abort.current?.abort()
      setBusy(false)
    },
    [setBusy],
  )
  const counted = useQuery({
    queryKey: ['preview', ...(preview?.key ?? [])],
    queryFn: ({ signal }) => preview?.load(signal) ?? null,
    enabled: Boolean(preview) && !busy,
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
  })
  const found = counted.data ?? undefined
  const refused = fieldErrors(error)
  const uncounted = fieldErrors(counted.error)
  const choices = typeof children === 'function' ? children((...names) => refused.at(...names) ?? uncounted.at(...names)) : children
  const [wrong, notCounted] = [refused.rest(), uncounted.rest()]
  useEffect(() => {
    if (error !== undefined) focusFirst()
  }, [error])
  const ready = (!preview || (found && found.changes > 0)) && (!typed || word.trim() === typed)

  async function go(event: React.FormEvent) {
    event.preventDefault()
    if (!ready || busy) return
    setBusy(true)
    setError(undefined)
    halt(undefined)
    const { signal } = (abort.current = new AbortController())
    let far: Made | undefined
    const report = (p: Made) => {
      if (signal.aborted) return
      far = p
      free(p.made >= p.amount) // what is done may go elsewhere by itself
      setProgress(p)
    }
    try {
      await until(signal, run(report, signal))
      free(true)
      onClose()
    } catch (e) {
      if (!signal.aborted) setError(e)
      if (far) halt(ended(far))
      else if (signal.aborted) halt(t.common.endedUnknown)
      if (preview) setTimeout(() => void counted.refetch(), noticed) // what is left
    } finally {
      setBusy(false)
      setProgress(undefined)
    }
  }

  return (
    <form onSubmit={(e) => void go(e)}>
      {question}
      <Stack gap="md">
        {text && <Text>{text}</Text>}
        {choices}
        {preview && (
          <div aria-live="polite" data-testid="preview">
            {counted.isFetching ? (
              <Group gap="xs" c="dimmed">
                <Loader size={14} aria-hidden />
                {t.licenses.bulk.counting}
              </Group>
            ) : counted.error ? (
              notCounted && <Alert color="red">{notCounted}</Alert>
            ) : (
              found && (
                <Alert color={found.changes === 0 ? 'gray' : danger ? 'red' : 'brass'} variant="light">
                  {found.lines.map((line, i) => (
                    <Text key={line} size="sm" fw={i === 0 ? 600 : 400}>
                      {line}
                    </Text>
                  ))}
                </Alert>
              )
            )}
          </div>
        )}
        {typed && (
          <TextInput
            label={t.common.confirmTyped(typed)}
            value={word}
            onChange={(e) => {
              setWord(e.currentTarget.value)
            }}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        {progress && (
          <div>
            <Progress value={progress.amount ? (100 * progress.made) / progress.amount : 0} aria-label={t.common.working} />
            <Text size="xs" c="dimmed" mt={4}>
              {t.common.progress(progress.made, progress.amount)}
            </Text>
          </div>
        )}
        {halted && (
          <Alert color="gray" role="status" data-testid="ended">
            {halted}
          </Alert>
        )}
        {wrong && (
          <Alert color="red" role="alert">
            {wrong}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          {busy ? (
            <Button variant="default" onClick={() => abort.current?.abort()}>
              {t.common.stop}
            </Button>
          ) : (
            <Button variant="default" onClick={onClose}>
              {halted ? t.common.close : t.common.cancel}
            </Button>
          )}
          <Button type="submit" color={danger ? 'red' : undefined} disabled={!ready} loading={busy}>
            {label(found)}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What a bulk action has done, or would do. */
export interface Outcome {
  changed: number
  matched: number
  skipped?: Record<string, number>
}

/** The words of a bulk action's dry run. */
export interface BulkWords {
  will: (changed: number, matched: number) => string
  nothing: string
  skipped: Record<string, (n: number) => string>
  skippedOther: (n: number, code: string) => string
}

export function bulkPreview(outcome: Outcome, words: BulkWords): Preview {
  const skipped = Object.entries(outcome.skipped ?? {}).map(([code, n]) => words.skipped[code]?.(n) ?? words.skippedOther(n, code))
  return { changes: outcome.changed, lines: [outcome.changed === 0 ? words.nothing : words.will(outcome.changed, outcome.matched), ...skipped] }
}

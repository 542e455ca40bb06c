import { Alert, Button, Group, Loader, Progress, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { t } from '@/strings'
import { saveFile } from '../clipboard'
import { Modal } from '../Layer'
import { done, sentence } from '../notify'
import { useSteady } from '../useSteady'
import { type Format, type Save, written } from './saving'

interface Props<T> {
  /** Stays the same while the dialog is there. */
  save: Save<T>
  format: Format
  onClose: () => void
}

const types: Record<Format, string> = { csv: 'text/csv', json: 'application/json' }

/** Reads a whole list and has the browser save it; closed, it stops. */
export default function SaveDialog<T>({ save, format, onClose }: Props<T>) {
  const [far, come] = useState<{ rows: number; total?: number }>({ rows: 0 })
  const [error, fail] = useState<unknown>()
  const [turn, again] = useState(0)
  const close = useSteady(onClose)
  useEffect(() => {
    const stop = new AbortController()
    written(
      save,
      format,
      (rows, total) => {
        come({ rows, total })
      },
      stop.signal,
    ).then(
      ({ parts, rows }) => {
        saveFile(`${save.name}-${new Date().toISOString().slice(0, 10)}.${format}`, parts, types[format])
        done(t.list.saved(rows))
        close()
      },
      (e: unknown) => {
        if (!stop.signal.aborted) fail(e)
      },
    )
    return () => {
      stop.abort()
    }
  }, [save, format, close, turn])
  return (
    <Modal opened onClose={onClose} title={t.list.saving} size="sm" closeOnClickOutside={false}>
      <Stack>
        {error === undefined ? (
          <div role="status">
            {far.total ? <Progress value={Math.min(100, (100 * far.rows) / far.total)} aria-label={t.list.saving} mb={6} /> : null}
            <Group gap="xs">
              {!far.total && <Loader size={14} aria-hidden />}
              <Text size="sm">{t.list.read(far.rows, far.total)}</Text>
            </Group>
          </div>
        ) : (
          <Alert color="red" role="alert">
            {sentence(error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {error === undefined ? t.common.stop : t.common.close}
          </Button>
          {error !== undefined && (
            <Button
              onClick={() => {
                fail(undefined)
                come({ rows: 0 })
                again(turn + 1)
              }}
            >
              {t.common.tryAgain}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

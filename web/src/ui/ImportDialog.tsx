import { Alert, Button, FileInput, Group, List, Progress, Select, Stack, Text } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { callName, type Schema } from '@/api/client'
import { type Progress as Made, stream } from '@/api/stream'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { Modal } from './Layer'
import { focusFirst } from './errors'
import { type At, fieldErrors } from './fieldErrors'
import { done } from './notify'
import { useUnsaved } from './useUnsaved'

type Report = Schema['ImportReport']
const shared = t.importing

/** What the things of a file are called. */
export interface ImportWords {
  title: string
  text: string
  submit: (n: number) => string
  would: (n: number, rows: number) => string
  done: (n: number) => string
  ended: (p: Made) => string
  count: (n: number) => string
  ignored: (names: string) => string
  missing: (levels: string) => string
  reasons: Record<string, string>
}

interface Props {
  opened: boolean
  onClose: () => void
  words: ImportWords
  /** Of the call. */
  path: string
  /** What the call is told beside the file. */
  params?: Record<string, string>
  /** The formats that the call takes; of another name the last is meant. */
  formats: string[]
  /** Whether what is to be told can be. */
  sound?: boolean
  /** Reads anew what it has changed. */
  changed: () => Promise<unknown>
  /** Choices beside the file, given what the server says of them. */
  children?: (at: At) => React.ReactNode
}

/** Things from a file: first what would come of it, then the import. */
export function ImportDialog(props: Props) {
  // An import that runs is not closed by the way: it would be cut off without a word.
  const [busy, setBusy] = useState<'check' | 'import'>()
  const free = busy !== 'import'
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.words.title} size="lg" closeOnEscape={free} closeOnClickOutside={free} withCloseButton={free}>
      {props.opened && <Body {...props} busy={busy} setBusy={setBusy} />}
    </Modal>
  )
}

function Body({ words, path, params, formats, sound = true, changed, children, onClose, busy, setBusy }: Props & { busy?: 'check' | 'import'; setBusy: (busy?: 'check' | 'import') => void }) {
  const [file, setFile] = useState<File | null>(null)
  const [onError, setOnError] = useState('skip')
  const [progress, setProgress] = useState<Made>()
  const [halted, halt] = useState<string>()
  const [checked, setChecked] = useState<{ of: string; report: Report }>()
  const [error, setError] = useState<{ of: string; error: unknown }>()
  const abort = useRef<AbortController>(undefined)
  const { free, question } = useUnsaved(busy === 'import' && progress !== undefined, t.common.running)
  // A call has one name for as long as it asks for the same.
  const name = useRef({ of: '', is: callName() })
  useEffect(
    () => () => {
      abort.current?.abort()
      setBusy(undefined)
    },
    [setBusy],
  )
  const asked = JSON.stringify([file && [file.name, file.size, file.lastModified], onError, params])
  const report = checked?.of === asked ? checked.report : undefined

  const refused = fieldErrors(error?.of === asked ? error.error : undefined)
  const atFile = refused.at('file', 'format', 'body')
  const choices = children?.(refused.at)
  const atRows = refused.at('on_error')
  const wrong = refused.rest()
  useEffect(() => {
    if (error) focusFirst()
  }, [error])

  async function run(what: 'check' | 'import') {
    if (!file) return
    setBusy(what)
    setError(undefined)
    setProgress(undefined)
    halt(undefined)
    let far: Made | undefined
    abort.current = new AbortController()
    if (name.current.of !== asked) name.current = { of: asked, is: callName() }
    const query = new URLSearchParams({ format: formatOf(file.name, formats), on_error: onError, ...params })
    if (what === 'check') query.set('dry_run', 'true')
    let found: Report | undefined
    try {
      await stream(`${path}?${query}`, {
        body: file,
        name: what === 'import' ? name.current.is : undefined,
        signal: abort.current.signal,
        onProgress: (p) => {
          far = p
          setProgress(p)
        },
        onLine: (line) => {
          found = JSON.parse(line) as Report
        },
      })
      if (what === 'check') setChecked(found && { of: asked, report: found })
      else {
        void changed()
        done(words.done(found?.imported ?? 0))
        free(true)
        onClose()
      }
    } catch (e) {
      if (!abort.current.signal.aborted) setError({ of: asked, error: e })
      if (what === 'import') {
        halt(far ? words.ended(far) : t.common.endedUnknown)
        void changed()
      }
    } finally {
      setBusy(undefined)
      setProgress(undefined)
    }
  }
  return (
    <Stack>
      {question}
      <Text>{words.text}</Text>
      <FileInput
        label={shared.file}
        placeholder={shared.choose}
        leftSection={<IconFile size={16} aria-hidden />}
        value={file}
        onChange={setFile}
        accept={formats.flatMap((f) => accepted[f] ?? []).join()}
        clearable
        clearButtonProps={{ 'aria-label': t.common.clear }}
        disabled={Boolean(busy)}
        error={atFile}
      />
      {choices}
      <Select
        label={shared.onError}
        data={[
          { value: 'skip', label: shared.skip },
          { value: 'abort', label: shared.abort },
        ]}
        value={onError}
        onChange={(v) => {
          setOnError(v ?? 'skip')
        }}
        allowDeselect={false}
        error={atRows}
      />
      <div aria-live="polite">{report && <ReportView report={report} words={words} />}</div>
      {busy && (
        <div>
          <Text size="sm" mb={4}>
            {busy === 'check' ? shared.checking : shared.importing}
            {progress && ` · ${t.common.progress(progress.made, progress.amount)}`}
          </Text>
          <Progress value={progress?.amount ? (100 * progress.made) / progress.amount : 0} aria-label={shared.importing} />
        </div>
      )}
      {halted && (
        <Alert color="gray" role="status">
          {halted}
        </Alert>
      )}
      {wrong && (
        <Alert color="red" role="alert">
          {wrong}
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        {busy === 'import' ? (
          <Button variant="default" onClick={() => abort.current?.abort()}>
            {t.common.stop}
          </Button>
        ) : (
          <Button variant="default" onClick={onClose}>
            {halted ? t.common.close : t.common.cancel}
          </Button>
        )}
        {report && report.imported > 0 ? (
          <Button loading={busy === 'import'} onClick={() => void run('import')}>
            {words.submit(report.imported)}
          </Button>
        ) : (
          <Button loading={busy === 'check'} disabled={!file || !sound} onClick={() => void run('check')}>
            {shared.check}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

const listed = 50 // skipped rows that are named

function ReportView({ report, words }: { report: Report; words: ImportWords }) {
  const reason = (r: string) => words.reasons[r] ?? shared.reasons[r] ?? r
  return (
    <Alert color={report.imported > 0 ? 'brass' : 'red'} data-testid="import-report">
      <Text fw={600} size="sm">
        {report.imported > 0 ? words.would(report.imported, report.rows) : shared.nothing}
      </Text>
      {report.warnings.length > 0 && (
        <>
          <Text size="sm" fw={500} mt="xs">
            {shared.warnings}
          </Text>
          <List size="sm">
            {report.warnings.map((w) => (
              <List.Item key={w.reason}>
                {words.count(w.count)}: {reason(w.reason)}
              </List.Item>
            ))}
          </List>
        </>
      )}
      {report.missing_levels.length > 0 && (
        <Text size="sm" mt="xs">
          {words.missing(report.missing_levels.join(', '))}
        </Text>
      )}
      {report.missing_subscriptions && (
        <Text size="sm" mt="xs">
          {shared.missing(report.missing_subscriptions.join(', '))}
        </Text>
      )}
      {report.ignored.length > 0 && (
        <Text size="sm" mt="xs">
          {words.ignored(report.ignored.join(', '))}
        </Text>
      )}
      {report.skipped.length > 0 && (
        <>
          <Text size="sm" fw={500} mt="xs">
            {shared.skipped}
          </Text>
          <List size="sm">
            {report.skipped.map((s) => (
              <List.Item key={s.reason}>
                {t.list.rows(s.count)}: {reason(s.reason)}
              </List.Item>
            ))}
          </List>
          <details>
            <summary>{t.common.details}</summary>
            <List size="xs" mah={160} style={{ overflowY: 'auto' }}>
              {report.skipped_rows.slice(0, listed).map((r) => (
                <List.Item key={r.row}>{row(r.row, r.line, reason(r.reason))}</List.Item>
              ))}
            </List>
          </details>
        </>
      )}
    </Alert>
  )
}

const row = (n: number, line: number | undefined, reason: string) => (line === undefined ? shared.row(number(n), reason) : shared.rowOnLine(number(n), number(line), reason))

const accepted: Record<string, string[]> = {
  csv: ['.csv', '.tsv', 'text/csv'],
  json: ['.json', 'application/json'],
  ndjson: ['.ndjson', '.jsonl'],
  txt: ['.txt', 'text/plain'],
}

function formatOf(name: string, formats: string[]): string {
  const extension = name.toLowerCase().split('.').pop() ?? ''
  const named = { csv: 'csv', tsv: 'csv', json: 'json', ndjson: 'ndjson', jsonl: 'ndjson' }[extension]
  return named ?? formats[formats.length - 1] ?? ''
}

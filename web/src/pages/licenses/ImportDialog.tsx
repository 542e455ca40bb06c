import { Alert, Button, FileInput, Group, List, NumberInput, Progress, Select, Stack, Switch, Text } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { type App, callName, type Schema, type Subscription } from '@/api/client'
import { type Progress as Made, stream } from '@/api/stream'
import { fault, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { DurationInput } from '@/ui/DurationInput'
import { Modal } from '@/ui/Layer'
import { done, sentence } from '@/ui/notify'
import { useUnsaved } from '@/ui/useUnsaved'
import { licensesChanged } from './data'
import { LevelSelect } from './LevelSelect'

type Report = Schema['ImportReport']
const words = t.licenses.import

interface Props {
  app: App
  subscriptions: Subscription[]
  opened: boolean
  onClose: () => void
}

/** Licenses from a file: first what would come of it, then the import. */
export function ImportDialog(props: Props) {
  // An import that runs is not closed by the way: it would be cut off without a word.
  const [busy, setBusy] = useState<'check' | 'import'>()
  const free = busy !== 'import'
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={words.title} size="lg" closeOnEscape={free} closeOnClickOutside={free} withCloseButton={free}>
      {props.opened && <Body {...props} busy={busy} setBusy={setBusy} />}
    </Modal>
  )
}

function Body({ app, subscriptions, onClose, busy, setBusy }: Props & { busy?: 'check' | 'import'; setBusy: (busy?: 'check' | 'import') => void }) {
  const [file, setFile] = useState<File | null>(null)
  const [level, setLevel] = useState(subscriptions[0]?.level ?? 1)
  const [fill, setFill] = useState(true)
  const [duration, setDuration] = useState<Length>({ amount: 30, unit: 'day' })
  const [onError, setOnError] = useState('skip')
  const [progress, setProgress] = useState<Made>()
  const [halted, halt] = useState<string>()
  const [report, setReport] = useState<Report>()
  const [error, setError] = useState<unknown>()
  const abort = useRef<AbortController>(undefined)
  const { free, question } = useUnsaved(busy === 'import' && progress !== undefined, t.common.running)
  const name = useRef(callName())
  useEffect(
    () => () => {
      abort.current?.abort()
      setBusy(undefined)
    },
    [setBusy],
  )

  const changed = () => {
    setReport(undefined)
    setError(undefined)
    name.current = callName()
  }
  async function run(what: 'check' | 'import') {
    if (!file) return
    setBusy(what)
    setError(undefined)
    setProgress(undefined)
    halt(undefined)
    let far: Made | undefined
    abort.current = new AbortController()
    const params = new URLSearchParams({ format: formatOf(file.name), level: String(level), on_error: onError })
    if (fill) params.set('duration', written(duration))
    if (what === 'check') params.set('dry_run', 'true')
    let found: Report | undefined
    try {
      await stream(`/apps/${app.id}/licenses/import?${params}`, {
        body: file,
        name: what === 'import' ? name.current : undefined,
        signal: abort.current.signal,
        onProgress: (p) => {
          far = p
          setProgress(p)
        },
        onLine: (line) => {
          found = JSON.parse(line) as Report
        },
      })
      if (what === 'check') setReport(found)
      else {
        void licensesChanged(app.id)
        done(words.done(found?.imported ?? 0))
        free(true)
        onClose()
      }
    } catch (e) {
      if (!abort.current.signal.aborted) setError(e)
      if (what === 'import') {
        halt(far ? words.ended(far) : t.common.endedUnknown)
        void licensesChanged(app.id)
      }
    } finally {
      setBusy(undefined)
      setProgress(undefined)
    }
  }
  const sound = Boolean(file) && (!fill || fault(duration) === null)
  return (
    <Stack>
      {question}
      <Text>{words.text}</Text>
      <FileInput
        label={words.file}
        placeholder={words.choose}
        leftSection={<IconFile size={16} aria-hidden />}
        value={file}
        onChange={(f) => {
          setFile(f)
          changed()
        }}
        accept=".csv,.json,.ndjson,.jsonl,.txt,text/csv,application/json,text/plain"
        clearable
        clearButtonProps={{ 'aria-label': t.common.clear }}
        disabled={Boolean(busy)}
      />
      <Group grow align="flex-start">
        {subscriptions.length > 0 ? (
          <LevelSelect
            label={words.level}
            hint=""
            subscriptions={subscriptions}
            value={level}
            onChange={(n) => {
              setLevel(n)
              changed()
            }}
          />
        ) : (
          <NumberInput
            label={words.level}
            value={level}
            min={1}
            max={1_000_000}
            onChange={(n) => {
              setLevel(Number(n) || 1)
              changed()
            }}
          />
        )}
        <Select
          label={words.onError}
          data={[
            { value: 'skip', label: words.skip },
            { value: 'abort', label: words.abort },
          ]}
          value={onError}
          onChange={(v) => {
            setOnError(v ?? 'skip')
            changed()
          }}
          allowDeselect={false}
        />
      </Group>
      <div>
        <Switch
          label={words.duration}
          checked={fill}
          onChange={(e) => {
            setFill(e.currentTarget.checked)
            changed()
          }}
          mb={fill ? 'xs' : 0}
        />
        {fill && (
          <DurationInput
            label={t.licenses.field.duration}
            value={duration}
            onChange={(d) => {
              setDuration(d)
              changed()
            }}
          />
        )}
      </div>
      <div aria-live="polite">{report && <ReportView report={report} />}</div>
      {busy && (
        <div>
          <Text size="sm" mb={4}>
            {busy === 'check' ? words.checking : words.importing}
            {progress && ` · ${t.common.progress(progress.made, progress.amount)}`}
          </Text>
          <Progress value={progress?.amount ? (100 * progress.made) / progress.amount : 0} aria-label={words.importing} />
        </div>
      )}
      {halted && (
        <Alert color="gray" role="status">
          {halted}
        </Alert>
      )}
      {error !== undefined && (
        <Alert color="red" role="alert">
          {sentence(error)}
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
          <Button loading={busy === 'check'} disabled={!sound} onClick={() => void run('check')}>
            {words.check}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

const listed = 50 // skipped rows that are named

function ReportView({ report }: { report: Report }) {
  const reason = (r: string) => words.reasons[r] ?? r
  return (
    <Alert color={report.imported > 0 ? 'brass' : 'red'} data-testid="import-report">
      <Text fw={600} size="sm">
        {report.imported > 0 ? words.would(report.imported, report.rows) : words.nothing}
      </Text>
      {report.warnings.length > 0 && (
        <>
          <Text size="sm" fw={500} mt="xs">
            {words.warnings}
          </Text>
          <List size="sm">
            {report.warnings.map((w) => (
              <List.Item key={w.reason}>
                {t.licenses.count(w.count)}: {reason(w.reason)}
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
      {report.ignored.length > 0 && (
        <Text size="sm" mt="xs">
          {words.ignored(report.ignored.join(', '))}
        </Text>
      )}
      {report.skipped.length > 0 && (
        <>
          <Text size="sm" fw={500} mt="xs">
            {words.skipped}
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
                <List.Item key={r.row}>{words.row(r.row, r.line, reason(r.reason))}</List.Item>
              ))}
            </List>
          </details>
        </>
      )}
    </Alert>
  )
}

function formatOf(name: string): string {
  const extension = name.toLowerCase().split('.').pop() ?? ''
  return { csv: 'csv', tsv: 'csv', json: 'json', ndjson: 'ndjson', jsonl: 'ndjson' }[extension] ?? 'txt'
}

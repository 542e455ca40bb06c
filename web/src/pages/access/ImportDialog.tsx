import { FileInput, Select, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconFile } from '@tabler/icons-react'
import { useState } from 'react'
import { atMost } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog, type Preview } from '@/ui/ActionDialog'
import { done, failed } from '@/ui/notify'
import { type Imported, importEntries, type Which } from './data'
import { kindsOf } from './EntryForm'
import { firstCells } from './lines'

const words = t.access.import
const shown = 20 // lines that cannot be read

interface Props {
  app: string
  which: Which
  opened: boolean
  onClose: () => void
}

/** Entries from a file or from what is pasted: first what would come of it, then the import. */
export function ImportDialog(props: Props) {
  // What was typed is gone once it is closed.
  const [round, next] = useState(0)
  return (
    <Dialog
      key={round}
      {...props}
      onClose={() => {
        props.onClose()
        next(round + 1)
      }}
    />
  )
}

function Dialog({ app, which, opened, onClose }: Props) {
  const [file, setFile] = useState<File | null>(null)
  const [read, setRead] = useState('') // of the file
  const [pasted, paste] = useState('')
  const [kind, setKind] = useState('')
  const [reason, setReason] = useState('')
  const [expires, setExpires] = useState('')
  const text = file ? read : pasted
  const [settled] = useDebouncedValue(text, 300)
  const ask = { text, kind, reason: reason.trim(), expires: expires && new Date(expires).toISOString() }

  const choose = (chosen: File | null) => {
    setFile(chosen)
    setRead('')
    chosen?.text().then((all) => {
      setRead(/\.csv$/i.test(chosen.name) ? firstCells(all) : all)
    }, failed)
  }
  return (
    <ActionDialog
      opened={opened}
      onClose={onClose}
      title={words.title}
      text={words.text}
      label={(p) => words.submit(p?.changes)}
      preview={{
        key: [app, which, 'import', kind, expires, settled],
        load: async (signal) => (settled.trim() ? found(await importEntries(app, which, { ...ask, text: settled, reason: '' }, true, signal)) : { changes: 0, lines: [words.empty] }),
      }}
      run={async (_, signal) => {
        done(words.done((await importEntries(app, which, ask, false, signal)).imported))
      }}
    >
      {(at) => (
        <>
          <FileInput
            label={words.file}
            placeholder={words.choose}
            leftSection={<IconFile size={16} aria-hidden />}
            value={file}
            onChange={choose}
            accept=".txt,.csv,.list,text/plain,text/csv"
            clearable
            clearButtonProps={{ 'aria-label': t.common.clear }}
            error={file ? at('body') : undefined}
          />
          {!file && (
            <Textarea
              label={words.paste}
              value={pasted}
              onChange={(e) => {
                paste(e.currentTarget.value)
              }}
              rows={6}
              error={at('body')}
              styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
              spellCheck={false}
            />
          )}
          <Select
            label={words.kind}
            description={which === 'blacklists' ? words.hwidHint : undefined}
            placeholder={words.guess}
            data={kindsOf[which].map((k) => ({ value: k, label: t.access.kind[k] ?? k }))}
            value={kind || null}
            error={at('kind')}
            onChange={(v) => {
              setKind(v ?? '')
            }}
            clearable
          />
          <TextInput
            label={t.access.field.reason}
            description={t.access.reasonHint}
            error={atMost(500)(reason) ?? at('reason')}
            value={reason}
            onChange={(e) => {
              setReason(e.currentTarget.value)
            }}
          />
          <TextInput
            type="datetime-local"
            label={t.access.field.expires}
            description={t.access.expiresHint}
            value={expires}
            error={at('expires_at')}
            onChange={(e) => {
              setExpires(e.currentTarget.value)
            }}
          />
        </>
      )}
    </ActionDialog>
  )
}

/** What a dry run found, for people. */
function found({ imported, lines, existing, refused, refused_lines: why }: Imported): Preview {
  const said = [words.will(imported, lines)]
  if (existing > 0) said.push(words.existing(existing))
  if (refused > 0) {
    const named = why.slice(0, shown)
    said.push(words.refused(refused), ...named.map((l) => words.line(l.line, l.reason)))
    if (refused > named.length) said.push(words.more(refused - named.length))
  }
  return { changes: imported, lines: said }
}

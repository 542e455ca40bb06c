import { Textarea } from '@mantine/core'
import type { Progress } from '@/api/stream'
import { atMost } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog, bulkPreview, type BulkWords, type Outcome } from './ActionDialog'
import type { At } from './fieldErrors'
import type { Selected } from './list'
import { done, undoing } from './notify'

/** A bulk action that is asked for. */
export interface Asked<T, A extends string> {
  action: A
  selected: Selected<T>
  /** Once it is done, before anything is read anew. */
  clear?: () => unknown
}

/** One for each question: what was chosen for another is not kept. */
export const keyOf = <T extends { id: string }, A extends string>({ action, selected }: Asked<T, A>) =>
  action + (selected.kind === 'rows' ? selected.rows.map((row) => row.id).join() : 'all')

interface Props<T, A extends string> {
  asked: Asked<T, A>
  opened: boolean
  onClose: () => void
  words: { title: (n?: number) => string; text: string; submit: (n?: number) => string; done: (n: number) => string }
  /** What a dry run has found. */
  found: BulkWords
  /** More than this many are not deleted before the word has been typed. */
  most: number
  typed: string
  /** Why the server would refuse what was chosen. */
  fault?: string | null
  /** What the outcome depends on. */
  about: unknown[]
  count: (signal: AbortSignal) => Promise<Outcome>
  run: (report: (p: Progress) => void, signal: AbortSignal) => Promise<Outcome>
  /** The way back, where there is one that leads exactly there: of rows, whose states are known. */
  undo: (rows: T[], changed: number) => (() => Promise<unknown>) | undefined
  /** Reads anew what it has changed. */
  changed: () => Promise<unknown>
  /** Choices that the action takes. */
  children?: React.ReactNode | ((at: At) => React.ReactNode)
}

/** Does something to one thing, to those that are picked, or to all: counts first, and offers the way back. */
export function BulkDialog<T, A extends string>({ asked: { action, selected, clear }, opened, onClose, words, found, most, typed, fault, about, count, run, undo, changed, children }: Props<T, A>) {
  const n = selected.kind === 'rows' ? selected.rows.length : undefined
  return (
    <ActionDialog
      opened={opened}
      onClose={onClose}
      title={words.title(n)}
      text={words.text}
      danger={action === 'delete' || action === 'ban'}
      typed={action === 'delete' && (n === undefined || n > most) ? typed : undefined}
      label={(p) => words.submit(p?.changes)}
      ended={action === 'delete' ? t.common.endedDelete : undefined}
      preview={{
        key: about,
        load: async (signal) => (fault ? { changes: 0, lines: [fault] } : bulkPreview(await count(signal), found)),
      }}
      run={async (report, signal) => {
        try {
          const outcome = await run(report, signal)
          const back = selected.kind === 'rows' ? undo(selected.rows, outcome.changed) : undefined
          done(words.done(outcome.changed), back && undoing(() => back().finally(changed)))
          await clear?.()
        } finally {
          void changed()
        }
      }}
    >
      {children}
    </ActionDialog>
  )
}

/** Why something is banned. */
export function Reason({ words, value, onChange, error }: { words: { reason: string; reasonHint: string }; value: string; onChange: (reason: string) => void; error?: string }) {
  return (
    <Textarea
      label={words.reason}
      description={words.reasonHint}
      value={value}
      onChange={(e) => {
        onChange(e.currentTarget.value)
      }}
      error={atMost(500)(value) ?? error}
      autosize
      minRows={2}
      data-autofocus
    />
  )
}

import { useId, useState } from 'react'
import { isProblem } from '@/api/problem'
import type { Progress } from '@/api/stream'
import { t } from '@/strings'
import { ActionDialog } from './ActionDialog'
import { type Asked, keyOf } from './BulkDialog'
import { everyRow, patiently, type Read } from './list/reading'
import { done } from './notify'
import { useLast } from './useLast'

/**
 * Does something with one thing after the other; one that is gone meanwhile, or is
 * already so, is as good. Returns how many had their turn.
 */
export async function inTurn<T>(rows: T[], run: (row: T) => Promise<unknown>, report: (p: Progress) => void, signal: AbortSignal, already?: (e: unknown) => boolean): Promise<number> {
  let n = 0
  for (const row of rows) {
    await patiently(() => run(row), signal).catch((e: unknown) => {
      if (!(isProblem(e) && e.status === 404) && !already?.(e)) throw e
    })
    n++
    report({ made: n, amount: rows.length })
  }
  return n
}

interface Words {
  /** What its button says; left out: Delete. */
  action?: string
  title: (n: number) => string
  submit: (n: number) => string
  done: (n: number) => string
}

interface Props<T extends { id: string }, A extends string> {
  asked?: Asked<T, A>
  onClose: () => void
  words: (action: A) => Words
  /** Reads the list that all were picked of. */
  read: Read<T>
  /** Those that the action changes; the others are as it would make them. All, if left out. */
  takes?: (action: A, row: T) => boolean
  /** How many it leaves as they are, in words. */
  left?: (action: A, n: number) => string
  /** What will happen to these. */
  text: (action: A, rows: T[]) => string
  /** Whether a word has to be typed, because more than rows is lost. */
  typed?: (action: A, rows: T[]) => boolean
  run: (action: A, row: T) => Promise<unknown>
  /** Whether what went wrong means that the row is already so. */
  already?: (e: unknown) => boolean
  /** Reads anew what it has changed. */
  changed: () => Promise<unknown>
}

const many = 100 // more than this are not deleted without a typed word

/**
 * Does something with those that are picked, or with all that match, of a list that is too short for a call of the
 * server's that names many: counts them first, as the server would.
 */
export function EachDialog<T extends { id: string }, A extends string>(props: Props<T, A>) {
  const asked = useLast(props.asked)
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

function Dialog<T extends { id: string }, A extends string>({ asked, opened, onClose, words, read, takes, left, text, typed, run, already, changed }: Props<T, A> & { asked: Asked<T, A>; opened: boolean }) {
  const { action, selected, clear } = asked
  const id = useId()
  const [found, find] = useState<T[]>()
  const all = selected.kind === 'all'
  const meant = (rows: T[]) => (takes ? rows.filter((row) => takes(action, row)) : rows)
  const those = all ? found : meant(selected.rows)
  const part = words(action)
  const verb = part.action ?? t.common.delete
  const destroys = action === 'delete' || action === 'clear'
  const worst = all || selected.rows.length > many || typed?.(action, selected.rows)
  return (
    <ActionDialog
      opened={opened}
      onClose={onClose}
      title={all ? t.list.doAll(verb) : part.title(selected.rows.length)}
      text={those && those.length > 0 ? text(action, those) : undefined}
      danger={destroys}
      typed={destroys && worst ? t.list.typed : undefined}
      label={(p) => (p ? part.submit(p.changes) : verb)}
      ended={action === 'delete' ? t.common.endedDelete : undefined}
      preview={{
        key: ['each', id],
        load: async (signal) => {
          const rows = all ? await everyRow(read, signal) : selected.rows
          const n = meant(rows).length
          find(meant(rows))
          const lines = [n > 0 ? t.list.will(n, rows.length, action === 'delete') : t.list.willNot]
          if (left && n < rows.length) lines.push(left(action, rows.length - n))
          return { changes: n, lines }
        },
      }}
      run={async (report, signal) => {
        try {
          done(part.done(await inTurn(those ?? [], (row) => run(action, row), report, signal, already)))
          await clear?.()
        } finally {
          void changed()
        }
      }}
    />
  )
}
